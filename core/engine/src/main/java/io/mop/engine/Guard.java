package io.mop.engine;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Looks for a plugin that harms the whole process: threads that it leaves running (once a second), and a heap that
 * stays full after a collection while one plugin allocates most (at every look). Heap by plugin cannot be measured; a
 * slow leak is found only when the heap is nearly full.
 */
final class Guard {
  /** Threads that calls of one plugin may have left running. */
  static final int MOST_THREADS = 32;

  /** Share of the old generation that may be in use after a collection. */
  static final double FULL = 0.85;

  private static final int SECONDS = 10;
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  /** By usage, not by unit: a unit that was taken out must not be held here. */
  private final ArrayDeque<Map<Usage, Long>> history = new ArrayDeque<>();
  private long looked;
  private final Optional<MemoryPoolMXBean> old =
      ManagementFactory.getMemoryPoolMXBeans().stream()
          .filter(p -> p.getType() == MemoryType.HEAP && p.isCollectionUsageThresholdSupported())
          .filter(p -> p.getName().contains("Old") || p.getName().contains("Tenured"))
          .findFirst();

  /**
   * Every 20 ms, and once a second while nothing is called.
   *
   * @param working the units that work now
   * @param trip takes a unit out, with the reason
   */
  void look(Supplier<? extends Collection<Unit<?>>> working, BiConsumer<Unit<?>, String> trip) {
    if (System.nanoTime() - looked > SECOND) {
      looked = System.nanoTime();
      Collection<Unit<?>> units = working.get();
      threads(units, trip);
      Map<Usage, Long> now = new HashMap<>();
      for (Unit<?> u : units) now.put(u.usage, u.usage.allocated.sum());
      history.add(now);
      if (history.size() > SECONDS) history.remove();
    }
    if (!full()) return;
    Map<Usage, Long> before = history.peek();
    long all = 0;
    long most = 0;
    Unit<?> culprit = null;
    for (Unit<?> u : working.get()) {
      long allocated = u.usage.allocated.sum() - before.getOrDefault(u.usage, 0L);
      all += allocated;
      if (allocated > most) {
        most = allocated;
        culprit = u;
      }
    }
    if (culprit != null && most * 2 > all && !culprit.tripped()) {
      trip.accept(
          culprit,
          "the heap is over " + (int) (FULL * 100) + " % full after a collection and it allocated "
              + most * 100 / all + " % of what plugins did in the last " + history.size() + " s");
    }
  }

  private boolean full() {
    MemoryUsage after = old.map(MemoryPoolMXBean::getCollectionUsage).orElse(null);
    return after != null && after.getMax() > 0 && after.getUsed() > FULL * after.getMax();
  }

  private static void threads(Collection<Unit<?>> units, BiConsumer<Unit<?>, String> trip) {
    Map<ClassLoader, Integer> count = new HashMap<>();
    ThreadGroup top = Thread.currentThread().getThreadGroup();
    while (top.getParent() != null) top = top.getParent();
    Thread[] threads = new Thread[top.activeCount() + 64];
    int n = top.enumerate(threads);
    for (int i = 0; i < n; i++) {
      ClassLoader loader = threads[i].getContextClassLoader();
      if (loader != null && !threads[i].getName().startsWith("mop-")) count.merge(loader, 1, Integer::sum);
    }
    for (Unit<?> u : units) {
      int left = count.getOrDefault(u.mark, 0);
      if (left > MOST_THREADS && !u.tripped()) {
        trip.accept(u, "its calls have left " + left + " threads running; at most " + MOST_THREADS + " are allowed");
      }
    }
  }
}
