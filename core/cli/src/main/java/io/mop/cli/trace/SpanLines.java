package io.mop.cli.trace;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/** Standard output of the traced spans, a line each: no more than asked for, and known when nobody reads them. */
final class SpanLines extends OutputStream {
  private final OutputStream to;
  private final long most;
  private final CompletableFuture<Void> enough = new CompletableFuture<>();
  private long lines;
  private boolean closed;

  /** @param most lines that are written; later ones are not */
  SpanLines(OutputStream to, long most) {
    this.to = to;
    this.most = most;
  }

  /** Completed when the most are written, or nobody reads any more. */
  CompletableFuture<Void> enough() {
    return enough;
  }

  synchronized long lines() {
    return lines;
  }

  @Override
  public synchronized void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) {
    int end = from;
    while (end < from + length && lines < most) if (bytes[end++] == '\n') lines++;
    if (!closed && end > from) {
      try {
        to.write(bytes, from, end - from);
      } catch (IOException e) {
        closed = true;
      }
    }
    if (closed || lines == most) enough.complete(null);
  }

  @Override
  public synchronized void flush() {
    try {
      to.flush();
    } catch (IOException e) {
      closed = true;
      enough.complete(null);
    }
  }
}
