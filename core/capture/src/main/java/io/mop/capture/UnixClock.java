package io.mop.capture;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;

/**
 * Converts CLOCK_MONOTONIC to Unix nanoseconds. The distance is measured again once a second, so that steps of the wall
 * clock are followed; the length of a span is not affected. For one thread.
 */
public final class UnixClock implements LongUnaryOperator {
  private static final long EVERY = 1_000_000_000;
  /** Of which the one that took least counts: others were interrupted between the two clocks. */
  private static final int READINGS = 5;

  private final LongSupplier monotonic;
  private final InstantSource unix;
  private long measured;
  private long offset;

  /** Of the system; on Linux System.nanoTime is CLOCK_MONOTONIC. */
  public UnixClock() {
    this(System::nanoTime, InstantSource.system());
  }

  UnixClock(LongSupplier monotonic, InstantSource unix) {
    this.monotonic = monotonic;
    this.unix = unix;
    measure();
  }

  @Override
  public long applyAsLong(long monotonicNanos) {
    if (monotonicNanos - measured > EVERY) measure();
    return monotonicNanos + offset;
  }

  private void measure() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < READINGS; i++) {
      long before = monotonic.getAsLong();
      Instant now = unix.instant();
      long took = monotonic.getAsLong() - before;
      if (took >= least) continue;
      least = took;
      measured = before + took / 2;
      offset = now.getEpochSecond() * 1_000_000_000 + now.getNano() - measured;
    }
  }
}
