package io.mop.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Looks every 20 ms whether a lane or an outlet is stuck in a call of a part, reports it at the soft limit and takes
 * its work away at the hard one. When no part was called for a while it rests, until one is: nothing can be stuck.
 */
final class Watchdog implements Runnable {
  /** Heap that one call may allocate. */
  static final long MOST_BYTES = 64L << 20;

  private static final long TICK = Duration.ofMillis(20).toNanos();
  /** Looks without a call after which it rests: to be woken costs a caller more than a look. */
  private static final int QUIET = 10;

  /** What was called since the last look. While it rests a call wakes the thread. */
  private enum Calls {
    SOME,
    NONE,
    RESTS
  }

  private final Supplier<List<Watched>> threads;
  private final long soft;
  private final long hard;
  private final Consumer<Stuck> slow;
  private final Consumer<Stuck> taken;
  private final Runnable guard;
  private final long rest;
  private final AtomicReference<Calls> calls = new AtomicReference<>(Calls.SOME);
  private final Thread thread = new Thread(this, "mop-watchdog");
  private volatile boolean stopped;

  /** A call that does not return: of which unit, and where its thread stands. */
  record Stuck(Unit<?> unit, String stack) {}

  /**
   * @param threads those that call parts now
   * @param guard is run at every look
   * @param rest time between two looks while nothing is called
   */
  Watchdog(
      Supplier<List<Watched>> threads,
      Duration soft,
      Duration hard,
      Consumer<Stuck> slow,
      Consumer<Stuck> taken,
      Runnable guard,
      Duration rest) {
    this.threads = threads;
    this.rest = rest.toNanos();
    this.soft = soft.toNanos();
    this.hard = hard.toNanos();
    this.slow = slow;
    this.taken = taken;
    this.guard = guard;
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  void stop() {
    stopped = true;
    LockSupport.unpark(thread);
  }

  /** A call has left its stamp. */
  void called() {
    if (calls.get() == Calls.SOME) return;
    if (calls.getAndSet(Calls.SOME) == Calls.RESTS) LockSupport.unpark(thread);
  }

  /** Whether it waits for a call. */
  boolean rests() {
    return calls.get() == Calls.RESTS;
  }

  @Override
  public void run() {
    int quiet = 0;
    while (!stopped) {
      LockSupport.parkNanos(quiet >= QUIET && lieDown() ? rest : TICK);
      long now = System.nanoTime();
      guard.run();
      List<Watched> all = threads.get();
      for (Watched thread : all) look(thread, now);
      boolean some = calls.getAndSet(Calls.NONE) == Calls.SOME;
      quiet = some || calling(all) ? 0 : quiet + 1;
    }
  }

  /** False if there is a call; one that leaves its stamp after this wakes. */
  private boolean lieDown() {
    return calls.compareAndSet(Calls.NONE, Calls.RESTS) && !calling(threads.get());
  }

  private static boolean calling(List<Watched> threads) {
    long now = System.nanoTime();
    for (Watched thread : threads) if (thread.overdue(now, -1) != null) return true;
    return false;
  }

  private void look(Watched thread, long now) {
    Unit<?> greedy = thread.overdue(now, TICK);
    if (greedy == null) return;
    if (thread.allocated() > MOST_BYTES) {
      String why = "a call has allocated over " + (MOST_BYTES >> 20) + " MiB and goes on";
      if (thread.take(greedy, TICK, why)) taken.accept(new Stuck(greedy, stack(thread.thread())));
      return;
    }
    Unit<?> unit = thread.overdue(now, soft);
    if (unit == null) return;
    Stuck stuck = new Stuck(unit, stack(thread.thread()));
    if (thread.overdue(now, hard) == unit) {
      if (thread.take(unit, hard, "a call took longer than " + hard / 1_000_000 + " ms")) taken.accept(stuck);
    } else if (thread.overdue(now, soft) == unit) {
      slow.accept(stuck);
    }
  }

  private static String stack(Thread thread) {
    var text = new StringBuilder();
    StackTraceElement[] frames = thread.getStackTrace();
    for (int i = 0; i < Math.min(12, frames.length); i++) text.append("\n  at ").append(frames[i]);
    return text.toString();
  }
}
