package io.mop.capture;

/** A response stream that waits for request bytes up to a position which another record announced. */
final class Hold {
  /** Drains that a response waits for its request: the record may just have missed the first. */
  private static final int DRAINS = 2;

  private boolean on;
  private int until;
  private int drains;
  private boolean gaveUp;
  private int gaveUpTo;

  boolean on() {
    return on;
  }

  int until() {
    return until;
  }

  /** Waits, or waits for more; true if it did not wait before. */
  boolean waitFor(int position) {
    if (on && position - until <= 0) return false;
    until = position;
    if (on) return false;
    drains = 0;
    on = true;
    return true;
  }

  /** Whether it was in vain to wait for this position. */
  boolean inVain(int position) {
    return gaveUp && position - gaveUpTo <= 0;
  }

  /** A drain has ended; true if that was the last to wait for. */
  boolean drained() {
    if (++drains < DRAINS) return false;
    gaveUp = true;
    gaveUpTo = until;
    return true;
  }

  void end() {
    on = false;
  }
}
