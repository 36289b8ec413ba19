package io.mop.testkit;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What a piece of work allocates on the heap, in bytes. */
public final class Allocation {
  private static final int ROUNDS = 5;

  private Allocation() {}

  /** The least of five rounds: the first ones load classes and let memory grow that is kept. */
  public static long least(Runnable work) {
    return least(() -> {}, work);
  }

  /** @param before done in every round and not counted */
  static long least(Runnable before, Runnable work) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      before.run();
      long start = threads.getCurrentThreadAllocatedBytes();
      work.run();
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - start);
    }
    return least;
  }
}
