package io.mop.cli.trace;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/**
 * Standard output of the traced spans, a line each: no more than asked for. A reader that pauses, as {@code less} does,
 * holds up nobody: what it has not taken is kept, up to a bound, and beyond that not shown. For writes of whole lines.
 */
final class SpanLines extends OutputStream implements Shown {
  private static final int KEPT = 16 << 20;

  private final OutputStream to;
  private final long most;
  private final int bound;
  private final CompletableFuture<Void> enough = new CompletableFuture<>();
  private final Deque<byte[]> waiting = new ArrayDeque<>();
  private int kept; // bytes, with those being written
  private long lines;
  private boolean closed;

  /** @param most lines that are written; later ones are not */
  SpanLines(OutputStream to, long most) {
    this(to, most, KEPT);
  }

  SpanLines(OutputStream to, long most, int bound) {
    this.to = to;
    this.most = most;
    this.bound = bound;
    Thread writer = new Thread(this::write, "mop-trace-output");
    writer.setDaemon(true);
    writer.start();
  }

  /** Completed when the most are taken, or nobody reads any more. */
  @Override
  public CompletableFuture<Void> enough() {
    return enough;
  }

  /** Those that are or will be written. */
  synchronized long lines() {
    return lines;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int from, int length) {
    int end = from;
    long count = lines;
    while (end < from + length && count < most) if (bytes[end++] == '\n') count++;
    if (closed || end == from || kept + end - from > bound) return;
    waiting.add(Arrays.copyOfRange(bytes, from, end));
    kept += end - from;
    lines = count;
    notifyAll();
    if (lines == most) enough.complete(null);
  }

  /** Returns when all is written, however long the reader takes, or nobody reads any more. */
  @Override
  public synchronized void drain() throws InterruptedException {
    while (kept > 0 && !closed) wait();
  }

  @Override
  public String summary(Books books, Selection selection) {
    return books.summary(selection, lines());
  }

  private void write() {
    try {
      for (byte[] next = take(); ; next = take()) {
        to.write(next);
        to.flush();
        written(next.length);
      }
    } catch (IOException e) {
      close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized byte[] take() throws InterruptedException {
    while (waiting.isEmpty()) wait();
    return waiting.remove();
  }

  private synchronized void written(int bytes) {
    kept -= bytes;
    notifyAll();
  }

  /** Nobody reads any more. */
  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
    enough.complete(null);
  }
}
