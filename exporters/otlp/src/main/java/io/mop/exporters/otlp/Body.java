package io.mop.exporters.otlp;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;

/**
 * A batch's bytes as a request body, read in pieces of 16 KiB as the connection takes them. The client gets copies, not
 * slices: after a time-out or an early answer it may still hold what it was given, when the batch's memory already
 * belongs to something else.
 */
final class Body {
  private final ByteBuffer wire;
  private boolean released;

  Body(ByteBuffer wire) {
    this.wire = wire;
  }

  BodyPublisher publisher() {
    return BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(this::open), wire.remaining());
  }

  /** The batch's memory is not read from here on. */
  synchronized void release() {
    released = true;
  }

  /** One reading of the whole; the client may start again on another connection. */
  private InputStream open() {
    ByteBuffer from = wire.duplicate();
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int at, int length) throws IOException {
        synchronized (Body.this) {
          if (released) throw new IOException("the request is over");
          if (!from.hasRemaining()) return -1;
          int n = Math.min(length, from.remaining());
          from.get(target, at, n);
          return n;
        }
      }
    };
  }
}
