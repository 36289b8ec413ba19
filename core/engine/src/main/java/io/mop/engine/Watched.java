package io.mop.engine;

/** A thread that calls parts, as the watchdog sees it. */
interface Watched {
  Thread thread();

  /** The unit whose call has lasted longer than {@code limit} nanoseconds at {@code now}, or null. */
  Unit<?> overdue(long now, long limit);

  /** Heap that the overdue call has allocated so far; 0 where calls may allocate what they like. */
  long allocated();

  /** Takes the work away from a call that has lasted for {@code limit}; false when it has returned after all. */
  boolean take(Unit<?> overdue, long limit, String why);
}
