package io.mop.exporters.otlp;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * A request body in memory that may be taken away. The transport gets copies, not slices: after a time-out or an early
 * answer it may still hold what it was given, when the batch's memory already belongs to something else.
 */
final class Body {
  private final ByteBuffer wire;
  private boolean released;

  Body(ByteBuffer wire) {
    this.wire = wire;
  }

  int length() {
    return wire.remaining();
  }

  /** The batch's memory is not read from here on. */
  synchronized void release() {
    released = true;
  }

  /** One reading of the whole; a client may start again on another connection. */
  Stream open() {
    return new Stream(wire.duplicate());
  }

  /** HTTP copies it in pieces as the connection takes them; gRPC asks for the length and drains it at once. */
  final class Stream extends InputStream implements KnownLength, Drainable {
    private static final int PIECE = 16 << 10;
    private final ByteBuffer from;

    private Stream(ByteBuffer from) {
      this.from = from;
    }

    @Override
    public int available() {
      return from.remaining();
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int at, int length) throws IOException {
      synchronized (Body.this) {
        checkHeld();
        if (length == 0) return 0;
        if (!from.hasRemaining()) return -1;
        int n = Math.min(length, from.remaining());
        from.get(target, at, n);
        return n;
      }
    }

    /** Fills {@code target} with what it has room for, or with what is left. */
    void copyTo(ByteBuf target) throws IOException {
      synchronized (Body.this) {
        checkHeld();
        int end = from.limit();
        from.limit(from.position() + Math.min(from.remaining(), target.writableBytes()));
        target.writeBytes(from);
        from.limit(end);
      }
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      synchronized (Body.this) {
        checkHeld();
        int length = from.remaining();
        if (from.hasArray()) {
          target.write(from.array(), from.arrayOffset() + from.position(), length);
          from.position(from.limit());
          return length;
        }
        byte[] piece = new byte[Math.min(PIECE, length)];
        while (from.hasRemaining()) {
          int n = Math.min(piece.length, from.remaining());
          from.get(piece, 0, n);
          target.write(piece, 0, n);
        }
        return length;
      }
    }

    private void checkHeld() throws IOException {
      if (released) throw new IOException("the request is over");
    }
  }
}
