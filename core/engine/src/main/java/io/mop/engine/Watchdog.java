package io.mop.engine;

import io.mop.api.pipeline.Transform;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Looks every 20 ms whether a lane is stuck in a call of a part, reports it at the soft limit and takes it away at the hard one. */
final class Watchdog implements Runnable {
  /** Heap that one call may allocate. */
  static final long MOST_BYTES = 64L << 20;

  private static final long TICK = Duration.ofMillis(20).toNanos();

  private final List<Lane> lanes;
  private final long soft;
  private final long hard;
  private final Consumer<Stuck> slow;
  private final Consumer<Stuck> taken;
  private final Runnable guard;
  private volatile boolean stopped;

  /** A call that does not return: of which unit, and where its thread stands. */
  record Stuck(Unit<Transform> unit, Worker worker, String stack) {}

  Watchdog(
      List<Lane> lanes,
      Duration soft,
      Duration hard,
      Consumer<Stuck> slow,
      Consumer<Stuck> taken,
      Runnable guard) {
    this.lanes = lanes;
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
      for (Lane lane : lanes) {
        Worker worker = lane.worker();
        Unit<Transform> greedy = worker.overdue(now, TICK);
        if (greedy != null && worker.allocated() > MOST_BYTES) {
          String why = "a call has allocated over " + (MOST_BYTES >> 20) + " MiB and goes on";
          if (worker.take(greedy, TICK, why)) taken.accept(new Stuck(greedy, worker, stack(worker.thread())));
          continue;
        }
        Unit<Transform> unit = worker.overdue(now, soft);
        if (unit == null) continue;
        Stuck stuck = new Stuck(unit, worker, stack(worker.thread()));
        if (worker.overdue(now, hard) == unit) {
          if (worker.take(unit, hard, "a call took longer than " + hard / 1_000_000 + " ms")) taken.accept(stuck);
        } else if (worker.overdue(now, soft) == unit) {
          slow.accept(stuck);
        }
      }
    }
  }

  private static String stack(Thread thread) {
    var text = new StringBuilder();
    StackTraceElement[] frames = thread.getStackTrace();
    for (int i = 0; i < Math.min(12, frames.length); i++) text.append("\n  at ").append(frames[i]);
    return text.toString();
  }
}
