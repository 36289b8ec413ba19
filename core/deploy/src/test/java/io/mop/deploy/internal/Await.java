package io.mop.deploy.internal;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition, with a limit far above what it takes. */
final class Await {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Await() {}

  static void until(Supplier<?> state, BooleanSupplier condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) throw new AssertionError("not within " + LIMIT + ": " + state.get());
      LockSupport.parkNanos(2_000_000);
    }
  }
}
