package io.mop.engine;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/**
 * The step before refusing: a receiver stops reading while memory, or a sending queue behind its door, is fuller than
 * {@link #HIGH}, and goes on below {@link #LOW}. A pause that does not help within {@link #LONGEST} ends: a sender then
 * hears in time, from the door, what does not fit, instead of waiting until its own deadline and not knowing.
 */
final class Pressure {
  static final double HIGH = 0.85;
  static final double LOW = 0.70;

  /** Half of what an OpenTelemetry SDK waits for an answer, 10 s. */
  static final Duration LONGEST = Duration.ofSeconds(5);

  private static final System.Logger LOG = System.getLogger("io.mop.engine");

  private final DataPlane plane;
  private final Slot<Receiver> slot;
  private final Entry entry;
  private final LongAdder pauses;
  private volatile Unit<Receiver> paused;
  private long since;
  private boolean inVain;

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

  /**
   * Looks once, on the control thread; a new version of the receiver starts reading. Answers whether it has to look
   * again though nothing becomes fuller.
   */
  boolean look() {
    Unit<Receiver> unit = slot.unit().orElse(null);
    if (paused != unit) paused = null;
    if (unit == null) return false;
    look(unit);
    return paused != null || inVain;
  }

  private void look(Unit<Receiver> unit) {
    Fullest fullest = fullest();
    if (fullest.part < LOW) {
      if (paused == null && !inVain) return;
      boolean wasPaused = paused != null;
      paused = null;
      inVain = false;
      slot.health.good();
      if (wasPaused) unit.part(0).resume();
    } else if (paused != null && System.nanoTime() - since > LONGEST.toNanos()) {
      paused = null;
      inVain = true;
      bad("reading goes on after " + LONGEST.toSeconds() + " s, and what does not fit is refused", fullest);
      unit.part(0).resume();
    } else if (paused == null && !inVain && fullest.part > HIGH) {
      paused = unit;
      since = System.nanoTime();
      pauses.increment();
      bad("reading is paused", fullest);
      unit.part(0).pause();
    }
  }

  private void bad(String what, Fullest fullest) {
    String why = String.format(Locale.ROOT, "%s: %s is %.0f %% full", what, fullest.what, 100 * fullest.part);
    slot.health.bad(why);
    LOG.log(System.Logger.Level.INFO, slot.path() + ": " + why);
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
