package io.mop.deploy.internal;

import io.mop.deploy.Swap;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The last swaps, for the log and for people. */
final class Journal {
  private static final System.Logger LOG = System.getLogger("io.mop.deploy");
  private static final int KEPT = 50;

  private final InstantSource clock;
  private final Deque<Swap> swaps = new ArrayDeque<>();

  Journal(InstantSource clock) {
    this.clock = clock;
  }

  Instant now() {
    return clock.instant();
  }

  void add(
      Instant began, String file, String name, String from, String to, Swap.Outcome outcome, String reason) {
    Instant now = now();
    Swap swap = new Swap(now, Duration.between(began, now), file, name, from, to, outcome, reason);
    String text = switch (outcome) {
      case INSTALLED -> "Plugin " + name + " " + to + " is installed from " + file;
      case REPLACED -> "Plugin " + name + " " + to + " from " + file + " replaces " + from;
      case ROLLED_BACK -> "Plugin " + name + " is back at " + to + ": " + reason;
      case REMOVED -> "Plugin " + name + " " + from + " is removed" + (to.isEmpty() ? "" : ", " + to + " takes over");
      case REFUSED -> "Plugin refused: " + reason;
    };
    boolean good = outcome != Swap.Outcome.REFUSED && outcome != Swap.Outcome.ROLLED_BACK;
    LOG.log(good ? System.Logger.Level.INFO : System.Logger.Level.WARNING, text);
    synchronized (swaps) {
      swaps.addFirst(swap);
      if (swaps.size() > KEPT) swaps.removeLast();
    }
  }

  List<Swap> swaps() {
    synchronized (swaps) {
      return List.copyOf(swaps);
    }
  }
}
