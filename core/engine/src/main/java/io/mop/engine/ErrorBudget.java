package io.mop.engine;

import java.time.Duration;
import java.util.ArrayDeque;

/** Three failures within a minute are too many. */
final class ErrorBudget {
  static final int FAILURES = 3;
  static final long WINDOW = Duration.ofMinutes(1).toNanos();

  private final ArrayDeque<Long> recent = new ArrayDeque<>();

  /** Notes a failure at {@code now} (monotonic nanoseconds); true when the budget is used up. */
  synchronized boolean spend(long now) {
    recent.add(now);
    while (now - recent.peek() > WINDOW) recent.remove();
    return recent.size() >= FAILURES;
  }
}
