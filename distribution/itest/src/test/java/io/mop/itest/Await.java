package io.mop.itest;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition that another process makes true. */
final class Await {
  /** Far more than anything takes on a busy machine. */
  static final Duration LIMIT = Duration.ofSeconds(60);

  private Await() {}

  /** @param otherwise what is told when it does not come true within {@link #LIMIT} */
  static void until(String what, BooleanSupplier condition, Supplier<Object> otherwise) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + LIMIT + ": " + what + "; " + otherwise.get());
      }
      LockSupport.parkNanos(20_000_000);
    }
  }
}
