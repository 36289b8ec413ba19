package io.mop.engine;

import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.InvalidConfig;
import io.mop.control.ConfigError;
import io.mop.control.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Receivers break before they make, for two cannot listen on one port: those that go or change are closed, the new ones
 * are started, and if one cannot, the old ones come back.
 */
final class Restart {
  private static final System.Logger LOG = System.getLogger("io.mop.engine");

  /** How often an old receiver tries to come back, and how long it waits in between. */
  private static final int TRIES = 20;

  private static final Duration BETWEEN = Duration.ofMillis(100);

  private final PartFactory factory;
  private final DataPlane plane;
  private final Assembly before;
  private final Map<Inlet, Unit<Receiver>> next;
  private final List<Closed> closed = new ArrayList<>();

  private record Closed(Inlet inlet, Unit<Receiver> unit, Optional<StateBytes> state) {}

  /** @param next what is to be started */
  Restart(PartFactory factory, DataPlane plane, Assembly before, Map<Inlet, Unit<Receiver>> next) {
    this.factory = factory;
    this.plane = plane;
    this.before = before;
    this.next = next;
  }

  /** @param staying all places of the next topology */
  void closeOld(Map<String, Inlet> staying) {
    for (Inlet inlet : before.inlets().values()) {
      if (staying.containsValue(inlet) && !next.containsKey(inlet)) continue;
      inlet.slot().unit().ifPresent(unit -> {
        closed.add(new Closed(inlet, unit, saved(unit)));
        unit.close();
      });
    }
  }

  private static Optional<StateBytes> saved(Unit<Receiver> unit) {
    try {
      return Optional.of(HandOver.save(unit.part(0)));
    } catch (HandOver.Failed e) {
      return Optional.empty();
    }
  }

  /** @param shut their doors refuse until {@link Entry#graph} */
  void start(Graph graph, boolean shut) throws ConfigError {
    for (Map.Entry<Inlet, Unit<Receiver>> n : next.entrySet()) {
      Entry entry = n.getKey().entry();
      if (shut) entry.shut(graph);
      Topology.Component c = n.getValue().component;
      try {
        n.getValue().part(0).start(entry);
      } catch (InvalidConfig e) {
        throw c.binding().locate(e);
      } catch (RuntimeException | LinkageError e) {
        LOG.log(System.Logger.Level.ERROR, c.path() + ": start failed", e);
        throw Reload.problem(c, "failed to start: " + e);
      }
    }
  }

  /** After the new ones were closed. Returns a sentence for each that did not come back. */
  List<String> bringBack() {
    List<String> problems = new ArrayList<>();
    for (Closed c : closed) {
      Slot<Receiver> slot = c.inlet.slot();
      String why = "";
      for (int i = 0; i < TRIES; i++) {
        why = attempt(c);
        if (why.isEmpty()) break;
        LockSupport.parkNanos(BETWEEN.toNanos());
      }
      if (why.isEmpty()) continue;
      slot.clear();
      String sentence = slot.path() + ": was closed for the change and cannot be started again: " + why;
      slot.health.bad(sentence);
      LOG.log(System.Logger.Level.ERROR, sentence);
      problems.add(sentence);
    }
    return problems;
  }

  private String attempt(Closed c) {
    Slot<Receiver> slot = c.inlet.slot();
    Unit<Receiver> unit;
    try {
      unit = factory.receiver(slot, slot.component(), c.unit.type);
    } catch (ConfigError e) {
      return e.getMessage();
    }
    try {
      if (c.state.isPresent()) HandOver.restore(unit.part(0), c.state.get());
      c.inlet.entry().graph(plane.graph());
      unit.part(0).start(c.inlet.entry());
      slot.fill(unit);
      slot.health.good();
      return "";
    } catch (HandOver.Failed | RuntimeException | LinkageError e) {
      unit.close();
      return e.getMessage() == null ? e.toString() : e.getMessage();
    }
  }
}
