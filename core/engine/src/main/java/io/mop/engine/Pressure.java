package io.mop.engine;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/**
 * The step before refusing: a receiver stops reading while memory, or a sending queue behind its door, is fuller than
 * {@link #HIGH}, and goes on below {@link #LOW}.
 */
final class Pressure {
  static final double HIGH = 0.85;
  static final double LOW = 0.70;

  private static final System.Logger LOG = System.getLogger("io.mop.engine");

  private final DataPlane plane;
  private final Slot<Receiver> slot;
  private final Entry entry;
  private final LongAdder pauses;
  private volatile Unit<Receiver> paused;

  Pressure(DataPlane plane, Slot<Receiver> slot, Entry entry) {
    this.plane = plane;
    this.slot = slot;
    this.entry = entry;
    this.pauses = plane.counter(slot.path(), "pauses");
  }

  /** On any thread. */
  boolean paused() {
    return paused != null;
  }

  /** Looks once, on the control thread; a new version of the receiver starts reading. */
  void look() {
    Unit<Receiver> unit = slot.unit().orElse(null);
    if (paused != unit) paused = null;
    if (unit == null) return;
    Fullest fullest = fullest();
    if (paused == null && fullest.part > HIGH) {
      paused = unit;
      pauses.increment();
      String why =
          String.format(Locale.ROOT, "reading is paused: %s is %.0f %% full", fullest.what, 100 * fullest.part);
      slot.health.bad(why);
      LOG.log(System.Logger.Level.INFO, slot.path() + ": " + why);
      unit.part(0).pause();
    } else if (paused != null && fullest.part < LOW) {
      paused = null;
      slot.health.good();
      unit.part(0).resume();
    }
  }

  private record Fullest(String what, double part) {}

  private Fullest fullest() {
    Fullest most = new Fullest("memory (service.memory)", plane.arena().part());
    for (Signal signal : Signal.values()) {
      for (Graph.Run run : entry.feeds(signal)) {
        for (Outlet outlet : run.outlets) {
          double part = outlet.part();
          if (part > most.part) most = new Fullest("the sending queue of " + outlet.slot.path(), part);
        }
      }
    }
    return most;
  }
}
