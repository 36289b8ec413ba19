package io.mop.engine;

import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Receiver;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Part;
import io.mop.api.plugin.Provides.Kind;
import io.mop.control.ConfigError;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Puts the best installed version of its plugin into each slot, make before break: the new parts are made while the old
 * ones work, take over their state between two batches, and if anything fails the old ones stay and the new version
 * goes into quarantine. Control thread only.
 */
final class Swaps {
  private static final System.Logger LOG = System.getLogger("io.mop.engine");

  /** How long lanes may take to stand between two batches together. */
  private static final Duration BOUNDARY = Duration.ofMillis(500);

  private static final Duration PASS = Duration.ofSeconds(2);
  private static final Duration ANSWERS = Duration.ofSeconds(5);

  /** How long state without an owner is kept, and how long the state before a swap can be gone back to. */
  static final Duration WINDOW = Duration.ofSeconds(60);

  private final PluginCatalog catalog;
  private final PartFactory factory;
  private final DataPlane plane;
  private final Supplier<Graph> graphs;
  private final ScheduledExecutorService control;
  private final Runnable again;

  /**
   * @param graphs builds the graph of what the slots hold now and shows it to the receivers' doors
   * @param again looks at all slots again
   */
  Swaps(
      PluginCatalog catalog,
      PartFactory factory,
      DataPlane plane,
      Supplier<Graph> graphs,
      ScheduledExecutorService control,
      Runnable again) {
    this.catalog = catalog;
    this.factory = factory;
    this.plane = plane;
    this.graphs = graphs;
    this.control = control;
    this.again = again;
  }

  // ---- processors

  void processor(Slot<Transform> slot) {
    slot.unit().filter(Unit::tripped).ifPresent(old -> {
      sideline(old);
      takeOut(slot, old, "tripped: " + old.why());
    });
    Optional<PluginType> best = catalog.find(Kind.PROCESSOR, slot.component().type());
    Optional<Unit<Transform>> now = slot.unit();
    if (best.isEmpty()) {
      now.ifPresent(old -> takeOut(slot, old, "no plugin " + slot.component().type() + " is installed"));
    } else if (now.isEmpty()) {
      bringBack(slot, best.get());
    } else if (now.get().type.plugin() != best.get().plugin()) {
      replace(slot, now.get(), best.get());
    }
  }

  private void replace(Slot<Transform> slot, Unit<Transform> old, PluginType type) {
    Unit<Transform> next;
    try {
      next = factory.transforms(slot, slot.component(), type);
    } catch (ConfigError e) {
      refuse(slot, type, e.getMessage());
      return;
    }
    StateBytes[] saved = new StateBytes[plane.lanes().size()];
    boolean discard = slot.discardsState();
    slot.fill(next);
    HandOver.Result result =
        plane.changeOver(
            graphs.get(),
            lane -> {
              saved[lane] = HandOver.save(old.part(lane));
              if (!discard) HandOver.restore(next.part(lane), saved[lane]);
            },
            BOUNDARY);
    if (result.done()) {
      swapped(slot, old.type, type);
      keep(slot, Arrays.asList(saved));
      old.close();
      return;
    }
    slot.fill(old);
    graphs.get();
    next.close();
    if (result.busy()) {
      if (discard) slot.discardState();
      control.schedule(again, 50, TimeUnit.MILLISECONDS);
    } else {
      refuse(slot, type, result.why());
    }
  }

  /** Into an empty slot, with the newest state that the version can read. */
  private void bringBack(Slot<Transform> slot, PluginType type) {
    List<List<StateBytes>> candidates = new ArrayList<>(slot.kept());
    boolean any = candidates.isEmpty() || slot.discardsState();
    if (any) candidates.add(List.of());
    String why = "";
    for (List<StateBytes> state : candidates) {
      Unit<Transform> next = null;
      try {
        next = factory.transforms(slot, slot.component(), type);
        for (int lane = 0; lane < state.size(); lane++) HandOver.restore(next.part(lane), state.get(lane));
        slot.fill(next);
        slot.health.good();
        LOG.log(System.Logger.Level.INFO, slot.path() + ": works with " + type.bundle() + " " + type.version());
        plane.publish(graphs.get());
        return;
      } catch (ConfigError e) {
        refuse(slot, type, e.getMessage());
        return;
      } catch (HandOver.Failed e) {
        next.close();
        why = e.getMessage();
      }
    }
    refuse(slot, type, why);
  }

  /** The version of a unit that was tripped goes into quarantine, so that the next best one takes over. */
  private void sideline(Unit<?> unit) {
    String why = PluginCatalog.TRIPPED.strip() + " " + unit.why();
    if (unit.slot.health.bad(why)) LOG.log(System.Logger.Level.WARNING, unit.slot.path() + ": " + why);
    catalog.quarantine(unit.type, unit.slot.path() + PluginCatalog.TRIPPED + unit.why());
  }

  private void takeOut(Slot<Transform> slot, Unit<Transform> old, String why) {
    slot.clear();
    if (slot.health.bad(why)) LOG.log(System.Logger.Level.WARNING, slot.path() + ": " + why);
    whenPassed(
        plane.publish(graphs.get()),
        () -> {
          if (!old.hung()) rescue(slot, old);
          old.close();
        });
  }

  private void rescue(Slot<Transform> slot, Unit<Transform> old) {
    try {
      List<StateBytes> saved = new ArrayList<>();
      for (int lane = 0; lane < plane.lanes().size(); lane++) saved.add(HandOver.save(old.part(lane)));
      keep(slot, saved);
    } catch (HandOver.Failed e) {
      LOG.log(System.Logger.Level.WARNING, slot.path() + ": its state is lost: " + e.getMessage());
    }
  }

  private void keep(Slot<?> slot, List<StateBytes> state) {
    slot.keep(state);
    control.schedule(
        () -> {
          if (slot.forget(state) && slot.unit().isEmpty()) plane.counter(slot.path(), "states_dropped").increment();
        },
        WINDOW.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private void whenPassed(CompletableFuture<Void> passed, Runnable then) {
    try {
      passed.get(PASS.toMillis(), TimeUnit.MILLISECONDS);
      then.run();
    } catch (TimeoutException | ExecutionException e) {
      passed.thenRun(() -> control.execute(then));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- exporters

  void exporter(Outlet outlet) {
    Slot<Exporter> slot = outlet.slot;
    slot.unit().filter(Unit::tripped).ifPresent(this::sideline);
    Optional<PluginType> best = catalog.find(Kind.EXPORTER, slot.component().type());
    Optional<Unit<Exporter>> now = slot.unit();
    if (now.isPresent() && best.isPresent() && now.get().type.plugin() == best.get().plugin()) return;
    if (best.isEmpty()) {
      if (now.isEmpty()) return;
      slot.clear();
      if (!now.get().tripped()) slot.health.bad("no plugin " + slot.component().type() + " is installed");
    } else {
      try {
        Unit<Exporter> next = factory.exporter(slot, slot.component(), best.get());
        if (now.isPresent()) moveState(now.get(), next);
        slot.fill(next);
        slot.health.good();
        now.ifPresent(old -> swapped(slot, old.type, best.get()));
      } catch (ConfigError | HandOver.Failed e) {
        refuse(slot, best.get(), e.getMessage());
        return;
      }
    }
    outlet.wake();
    now.ifPresent(old -> {
      outlet.leave(old, ANSWERS);
      old.close();
      outlet.revoke(old);
    });
  }

  // ---- receivers

  void receiver(Slot<Receiver> slot, Entry entry) {
    Optional<PluginType> best = catalog.find(Kind.RECEIVER, slot.component().type());
    Optional<Unit<Receiver>> now = slot.unit();
    if (best.isEmpty()) {
      now.ifPresent(old -> {
        slot.clear();
        slot.health.bad("no plugin " + slot.component().type() + " is installed");
        old.close();
      });
      return;
    }
    PluginType type = best.get();
    if (now.isPresent() && now.get().type.plugin() == type.plugin()) return;
    Unit<Receiver> next;
    try {
      next = factory.receiver(slot, slot.component(), type);
      if (now.isPresent()) moveState(now.get(), next);
    } catch (ConfigError | HandOver.Failed e) {
      refuse(slot, type, e.getMessage());
      return;
    }
    // both cannot listen on one port: the old one closes first, and comes back if the new one cannot start
    now.ifPresent(Unit::close);
    try {
      next.part(0).start(entry);
      slot.fill(next);
      slot.health.good();
      now.ifPresent(old -> swapped(slot, old.type, type));
    } catch (RuntimeException | LinkageError e) {
      next.close();
      slot.clear();
      String why = e instanceof InvalidConfig c ? c.key() + ": expected " + c.getMessage() : e.toString();
      slot.health.bad(why);
      refuse(slot, type, "failed to start: " + why);
    }
  }

  // ---- common

  private static void moveState(Unit<? extends Part> old, Unit<? extends Part> next) throws HandOver.Failed {
    try {
      HandOver.restore(next.part(0), HandOver.save(old.part(0)));
    } catch (HandOver.Failed e) {
      next.close();
      throw e;
    }
  }

  private void swapped(Slot<?> slot, PluginType from, PluginType to) {
    slot.health.good();
    plane.counter(slot.path(), "swaps").increment();
    LOG.log(
        System.Logger.Level.INFO,
        slot.path() + ": " + to.bundle() + " " + to.version() + " has taken over from " + from.version());
  }

  private void refuse(Slot<?> slot, PluginType type, String why) {
    plane.counter(slot.path(), "swaps_refused").increment();
    LOG.log(
        System.Logger.Level.WARNING,
        slot.path() + ": " + type.bundle() + " " + type.version() + " is refused: " + why);
    catalog.quarantine(type, why);
  }
}
