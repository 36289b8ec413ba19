package io.mop.engine;

import io.mop.api.data.Signal;
import io.mop.engine.tap.Taps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** What data flows through: memory, lanes, the books. Goes on whatever the control thread does. */
final class DataPlane {
  private static final System.Logger LOG = System.getLogger("io.mop.engine");

  /** Bound on a hand-over as a whole; what a part may take is bounded in CPU time. */
  private static final Duration MOVES = Duration.ofSeconds(2);

  /** While nothing is called the watchdog looks for what calls have left behind. */
  private static final Duration REST = Duration.ofSeconds(1);

  final Taps taps = new Taps();
  private final Arena arena;
  private final Ledger ledger;
  private final Map<String, Tally> counters;
  private final List<Lane> lanes = new ArrayList<>();
  private final ConcurrentLinkedQueue<Job> parked = new ConcurrentLinkedQueue<>();
  private final Set<Outlet> outlets = ConcurrentHashMap.newKeySet();
  private final Watchdog watchdog;
  private final Consumer<Unit<?>> tripped;
  private final Runnable pressed;
  private final Guard guard = new Guard();
  private volatile Graph graph = Graph.EMPTY;

  /**
   * @param tripped called on any thread when a unit was taken out of the pipelines
   * @param pressed called on any thread when memory or a sending queue is fuller than {@link Pressure#HIGH}
   */
  DataPlane(
      long memory,
      int laneCount,
      Ledger ledger,
      Map<String, Tally> counters,
      Duration soft,
      Duration hard,
      Consumer<Unit<?>> tripped,
      Runnable pressed) {
    this.arena = new Arena(memory, laneCount, pressed);
    this.pressed = pressed;
    this.ledger = ledger;
    this.counters = counters;
    this.tripped = tripped;
    for (int i = 0; i < laneCount; i++) lanes.add(new Lane(i, this));
    this.watchdog = new Watchdog(this::watched, soft, hard, this::slow, this::hung, this::guard, REST);
    lanes.forEach(Lane::start);
    watchdog.start();
  }

  Arena arena() {
    return arena;
  }

  Account account(String path, Signal signal) {
    return ledger.account(path, signal);
  }

  LongAdder counter(String path, String name) {
    return counters.computeIfAbsent(path + ' ' + name, k -> Tally.of("1", "")).sum();
  }

  List<Lane> lanes() {
    return lanes;
  }

  Lane shortestLane() {
    Lane best = lanes.get(0);
    for (Lane lane : lanes) if (lane.depth() < best.depth()) best = lane;
    return best;
  }

  Graph graph() {
    return graph;
  }

  private List<Watched> watched() {
    List<Watched> threads = new ArrayList<>();
    for (Lane lane : lanes) threads.add(lane.worker());
    for (Outlet outlet : outlets) threads.add(outlet.sender());
    return threads;
  }

  /** A sending queue is fuller than {@link Pressure#HIGH}. */
  void pressed() {
    pressed.run();
  }

  /** A call of a part has left its stamp. */
  void called() {
    watchdog.called();
  }

  /** The watchdog looks at the outlet's thread until {@link #unwatch}. */
  void watch(Outlet outlet) {
    outlets.add(outlet);
  }

  void unwatch(Outlet outlet) {
    outlets.remove(outlet);
  }

  /** Done when every lane has worked off what waits there now. */
  CompletableFuture<Void> workedOff() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    AtomicInteger left = new AtomicInteger(lanes.size());
    for (Lane lane : lanes) {
      lane.add(Job.mark(() -> {
        if (left.decrementAndGet() == 0) done.complete(null);
      }));
    }
    return done;
  }

  /** Lanes go over to {@code next} between two batches each; done when the last one has. */
  CompletableFuture<Void> publish(Graph next) {
    graph = next;
    CompletableFuture<Void> passed = new CompletableFuture<>();
    AtomicInteger left = new AtomicInteger(lanes.size());
    for (Lane lane : lanes) {
      lane.between(() -> {
        lane.graph(next);
        if (left.decrementAndGet() == 0) {
          resume(lane);
          passed.complete(null);
        }
      });
    }
    return passed;
  }

  /** What one lane does while all stand between two batches. */
  interface Move {
    void on(int lane) throws HandOver.Failed;
  }

  /**
   * All lanes go over to {@code next} together: they wait for each other between two batches, each does its {@code
   * move}, and if one fails, all go on as before. If not all stand still within {@code limit}, nothing was moved.
   */
  HandOver.Result changeOver(Graph next, Move move, Duration limit) {
    CountDownLatch arrived = new CountDownLatch(lanes.size());
    CountDownLatch moved = new CountDownLatch(lanes.size());
    CountDownLatch left = new CountDownLatch(lanes.size());
    CompletableFuture<Boolean> begin = new CompletableFuture<>();
    CompletableFuture<Boolean> decision = new CompletableFuture<>();
    ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    for (Lane lane : lanes) {
      lane.between(() -> {
        arrived.countDown();
        if (!begin.join()) return;
        try {
          move.on(lane.index);
        } catch (HandOver.Failed e) {
          failures.add(e.getMessage());
        } finally {
          moved.countDown();
        }
        if (decision.join()) lane.graph(next);
        left.countDown();
      });
    }
    boolean all = await(arrived, limit);
    begin.complete(all);
    if (!all) return HandOver.Result.BUSY;
    if (!await(moved, MOVES)) failures.add("the hand-over did not end within " + MOVES.toSeconds() + " s");
    boolean go = failures.isEmpty();
    if (go) graph = next;
    decision.complete(go);
    if (!go) return HandOver.Result.failed(failures.peek());
    await(left, limit);
    Lane first = lanes.get(0);
    first.between(() -> resume(first));
    return HandOver.Result.DONE;
  }

  private static boolean await(CountDownLatch latch, Duration limit) {
    try {
      return latch.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Holds a job whose stage is missing until a graph that has the stage is published. */
  void park(Job job) {
    parked.add(job);
    // the stage may have come back between the look and the parking
    Lane lane = shortestLane();
    if (graph != job.run().graph) lane.between(() -> resume(lane));
  }

  /** On {@code lane}'s thread: parked jobs whose pipeline is whole again go on where they stopped. */
  private void resume(Lane lane) {
    List<Job> still = new ArrayList<>();
    List<Job> ready = new ArrayList<>();
    for (Job job = parked.poll(); job != null; job = parked.poll()) {
      Graph.Run before = job.run();
      Graph.Run now = lane.graph().find(before.pipeline.id()).orElse(null);
      if (now == null) {
        abandon(job, "pipeline_removed");
        continue;
      }
      int stage = now.indexOf(before.stages.get(job.stage).slot().path());
      job.runs = List.of(now);
      job.stage = stage >= 0 ? stage : Math.min(job.stage, now.stages.size());
      (now.closed().isPresent() ? still : ready).add(job);
    }
    parked.addAll(still);
    for (int i = ready.size() - 1; i >= 0; i--) lane.addFirst(ready.get(i));
  }

  private static void abandon(Job job, String reason) {
    job.run().account.fail(job.current.items, reason);
    job.current.release();
    job.batch.release();
  }

  /** A part has thrown; its batch comes again. */
  void failed(Unit<?> unit, Throwable thrown) {
    String path = unit.component.path();
    LOG.log(System.Logger.Level.ERROR, path + ": failed on a batch", thrown);
    counter(path, "errors").increment();
    if (unit.failed()) {
      unit.trip(ErrorBudget.FAILURES + " failures within a minute, the last: " + thrown);
      tripped.accept(unit);
    }
  }

  /** A call has allocated more than any sound one does. */
  void greedy(Unit<?> unit, long bytes) {
    unit.trip("one call allocated " + (bytes >> 20) + " MiB; at most " + (Watchdog.MOST_BYTES >> 20) + " are allowed");
    tripped.accept(unit);
  }

  private void guard() {
    guard.look(() -> graph.units(), (unit, why) -> {
      unit.trip(why);
      tripped.accept(unit);
    });
  }

  private void slow(Watchdog.Stuck stuck) {
    if (stuck.unit().slot.health.bad("a call has not returned for over a second")) {
      LOG.log(System.Logger.Level.WARNING, stuck.unit().component.path() + ": slow call" + stuck.stack());
    }
  }

  private void hung(Watchdog.Stuck stuck) {
    String path = stuck.unit().component.path();
    counter(path, "hung_calls").increment();
    LOG.log(System.Logger.Level.ERROR, path + ": " + stuck.unit().why() + stuck.stack());
    tripped.accept(stuck.unit());
  }

  /** Works off what lanes hold, at most {@code limit}; what is left then is counted as failed. */
  void stop(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    lanes.forEach(Lane::stop);
    for (Lane lane : lanes) {
      try {
        lane.worker().thread().join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      for (Job job = lane.poll(); job != null; job = lane.poll()) {
        job.arrived.fail(job.batch.items, "shutdown");
        job.batch.release();
      }
    }
    for (Job job = parked.poll(); job != null; job = parked.poll()) abandon(job, "shutdown");
    watchdog.stop();
    taps.stop();
  }
}
