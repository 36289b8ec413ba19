package io.mop.engine;

import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Transform;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** Parts that a change of the topology has replaced or removed finish what they hold, and close. */
final class Departures {
  private static final Duration ANSWERS = Duration.ofSeconds(5);

  /** How long the next change waits for lanes that still hold requests of what the last one removed. */
  private static final Duration BEHIND = Duration.ofSeconds(5);

  private final DataPlane plane;
  private final Executor control;
  private final Set<Outlet> draining = ConcurrentHashMap.newKeySet();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  // control thread only
  private final Set<Leaving> leaving = new LinkedHashSet<>();
  private CompletableFuture<Void> passed = CompletableFuture.completedFuture(null);

  /**
   * What a change has removed.
   *
   * @param limit for exporters to deliver what they hold
   * @param settle has lanes go over to a graph without them; done when they have
   */
  private record Leaving(
      List<Unit<Transform>> transforms,
      List<Outlet> outlets,
      Duration limit,
      Supplier<CompletableFuture<Void>> settle,
      AtomicBoolean settled) {}

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
   * @param settle has lanes go over to a graph without them; done when they have
   */
  void removed(Assembly before, Assembly after, Supplier<CompletableFuture<Void>> settle) {
    List<Unit<Transform>> transforms = new ArrayList<>();
    before.transforms().values().stream()
        .filter(s -> !after.transforms().containsValue(s))
        .forEach(s -> s.unit().ifPresent(transforms::add));
    List<Outlet> outlets =
        before.outlets().values().stream().filter(o -> !after.outlets().containsValue(o)).toList();
    Leaving all = new Leaving(transforms, outlets, after.shutdown(), settle, new AtomicBoolean());
    leaving.add(all);
    passed = plane.workedOff();
    passed.thenRun(() -> control.execute(() -> settle(all)));
  }

  private void settle(Leaving all) {
    if (all.settled.getAndSet(true)) return;
    all.settle.get().thenRun(() -> control.execute(() -> end(all)));
  }

  private void end(Leaving all) {
    if (!leaving.remove(all)) return;
    all.transforms.forEach(Unit::close);
    draining.addAll(all.outlets);
    all.outlets.forEach(o -> inBackground(o, () -> {
      o.drain(all.limit, "component_removed");
      o.close();
      draining.remove(o);
    }));
  }

  /** Waits for lanes to work off what the last change has removed; goes on without when they take too long. */
  void await() {
    try {
      passed.get(BEHIND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      System.getLogger("io.mop.engine").log(System.Logger.Level.DEBUG, "lanes are behind", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    List.copyOf(leaving).forEach(this::settle);
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
    List.copyOf(leaving).forEach(this::end);
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
