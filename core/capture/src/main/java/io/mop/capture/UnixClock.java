package io.mop.capture;

import java.time.Instant;
import java.util.function.LongUnaryOperator;

/**
 * Converts CLOCK_MONOTONIC to Unix nanoseconds. The distance is measured again once a second, so that steps of the wall
 * clock are followed; the length of a span is not affected. For one thread.
 */
public final class UnixClock implements LongUnaryOperator {
  private static final long EVERY = 1_000_000_000;
  private long measured;
  private long offset;

  public UnixClock() {
    measure();
  }

  @Override
  public long applyAsLong(long monotonicNanos) {
    if (monotonicNanos - measured > EVERY) measure();
    return monotonicNanos + offset;
  }

  /** On Linux System.nanoTime is CLOCK_MONOTONIC. */
  private void measure() {
    measured = System.nanoTime();
    Instant now = Instant.now();
    offset = now.getEpochSecond() * 1_000_000_000 + now.getNano() - measured;
  }
}
