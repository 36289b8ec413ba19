package io.mop.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Looks every 20 ms whether a lane or an outlet is stuck in a call of a part, reports it at the soft limit and takes
 * its work away at the hard one.
 */
final class Watchdog implements Runnable {
  /** Heap that one call may allocate. */
  static final long MOST_BYTES = 64L << 20;

  private static final long TICK = Duration.ofMillis(20).toNanos();

  private final List<Lane> lanes;
  private final Collection<Outlet> outlets;
  private final long soft;
  private final long hard;
  private final Consumer<Stuck> slow;
  private final Consumer<Stuck> taken;
  private final Runnable guard;
  private volatile boolean stopped;

  /** A call that does not return: of which unit, and where its thread stands. */
  record Stuck(Unit<?> unit, String stack) {}

  Watchdog(
      List<Lane> lanes,
      Collection<Outlet> outlets,
      Duration soft,
      Duration hard,
      Consumer<Stuck> slow,
      Consumer<Stuck> taken,
      Runnable guard) {
    this.lanes = lanes;
    this.outlets = outlets;
    this.soft = soft.toNanos();
    this.hard = hard.toNanos();
    this.slow = slow;
    this.taken = taken;
    this.guard = guard;
  }

  void start() {
    Thread t = new Thread(this, "mop-watchdog");
    t.setDaemon(true);
    t.start();
  }

  void stop() {
    stopped = true;
  }

  @Override
  public void run() {
    while (!stopped) {
      LockSupport.parkNanos(TICK);
      long now = System.nanoTime();
      guard.run();
      for (Lane lane : lanes) look(lane.worker(), now);
      for (Outlet outlet : outlets) look(outlet.sender(), now);
    }
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
