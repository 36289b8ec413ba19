package io.mop.engine;

import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Transform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What becomes of parts that a change of the topology has replaced or removed: they finish what they hold, and close. */
final class Departures {
  private static final Duration ANSWERS = Duration.ofSeconds(5);

  /** How long the next change waits for lanes that still hold requests of what the last one removed. */
  private static final Duration BEHIND = Duration.ofSeconds(5);

  private final DataPlane plane;
  private final Executor control;
  private final Set<Outlet> draining = ConcurrentHashMap.newKeySet();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  // control thread only
  private CompletableFuture<Void> passed = CompletableFuture.completedFuture(null);
  private Runnable then = () -> {};

  Departures(DataPlane plane, Executor control) {
    this.plane = plane;
    this.control = control;
  }

  /** Units that others have taken over from; what an exporter has not answered in time is sent again. */
  void replaced(List<Unit<Transform>> transforms, Map<Outlet, Unit<Exporter>> exporters) {
    transforms.forEach(Unit::close);
    exporters.forEach((outlet, old) -> inBackground(outlet, () -> {
      outlet.leave(old, ANSWERS);
      old.close();
      outlet.revoke(old);
    }));
  }

  /**
   * Places of {@code before} that {@code after} has not: processors go when the lanes have worked off what waits for
   * them, exporters when their queues are empty, or after the time that a stop would give them.
   *
   * @param settled called on the control thread when the lanes have
   */
  void removed(Assembly before, Assembly after, Runnable settled) {
    List<Unit<Transform>> transforms = new ArrayList<>();
    before.transforms().values().stream()
        .filter(s -> !after.transforms().containsValue(s))
        .forEach(s -> s.unit().ifPresent(transforms::add));
    List<Outlet> outlets =
        before.outlets().values().stream().filter(o -> !after.outlets().containsValue(o)).toList();
    Duration limit = after.shutdown();
    draining.addAll(outlets);
    passed = plane.workedOff();
    then = () -> {
      then = () -> {};
      settled.run();
      transforms.forEach(Unit::close);
      outlets.forEach(o -> inBackground(o, () -> {
        o.drain(limit, "component_removed");
        o.close();
        draining.remove(o);
      }));
    };
    Runnable mine = then;
    passed.thenRun(() -> control.execute(() -> {
      if (then == mine) mine.run();
    }));
  }

  /** Waits for the end of the change before; goes on without it when lanes take too long. */
  void await() {
    try {
      passed.get(BEHIND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      System.getLogger("io.mop.engine").log(System.Logger.Level.DEBUG, "lanes are behind", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    then.run();
  }

  private void inBackground(Outlet outlet, Runnable work) {
    Thread thread = new Thread(() -> {
      work.run();
      threads.remove(Thread.currentThread());
    }, "mop-" + outlet.slot.path() + "-leaving");
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  /** MOP stops: at {@code end} (monotonic nanoseconds) what is left counts as failed. */
  void stop(long end) {
    then.run();
    for (Outlet o : draining) o.drain(Duration.ofNanos(Math.max(0, end - System.nanoTime())), "shutdown");
    for (Thread t : threads) {
      try {
        t.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
