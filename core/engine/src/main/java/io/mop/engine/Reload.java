package io.mop.engine;

import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Receiver;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Part;
import io.mop.control.Changes;
import io.mop.control.ConfigError;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import io.mop.control.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * One change from what runs to another topology: makes all parts that are new or changed beside the old ones, restarts
 * receivers, and has all lanes change over together. Until that has happened any failure puts everything back. Control
 * thread only.
 */
final class Reload {
  private static final System.Logger LOG = System.getLogger("io.mop.engine");

  /** Attempts to have all lanes stand still; longer than a call may hang. */
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  private static final Duration BOUNDARY = Duration.ofMillis(500);

  private final DataPlane plane;
  private final PartFactory factory;
  private final PluginCatalog catalog;
  private final Assembly before;
  private final Topology next;
  private final boolean discard;

  private final Map<String, Slot<Transform>> transforms = new LinkedHashMap<>();
  private final Map<String, Outlet> outlets = new LinkedHashMap<>();
  private final Map<String, Inlet> inlets = new LinkedHashMap<>();
  /** What was made, by its place; places of the topology before among them. */
  private final Map<Slot<Transform>, Unit<Transform>> newTransforms = new LinkedHashMap<>();
  private final Map<Outlet, Unit<Exporter>> newExporters = new LinkedHashMap<>();
  private final Map<Inlet, Unit<Receiver>> newReceivers = new LinkedHashMap<>();
  private final Map<Slot<?>, Topology.Component> kept = new LinkedHashMap<>();

  Reload(
      DataPlane plane,
      PartFactory factory,
      PluginCatalog catalog,
      Assembly before,
      Topology next,
      boolean discard) {
    this.plane = plane;
    this.factory = factory;
    this.catalog = catalog;
    this.before = before;
    this.next = next;
    this.discard = discard;
  }

  /**
   * Changes over; what was there before and is not any more still has its parts.
   *
   * @throws ConfigError all is as before
   */
  Assembly run() throws ConfigError {
    Restart restart = new Restart(factory, plane, before, newReceivers);
    try {
      for (Topology.Component c : next.components()) make(c);
      Assembly made = new Assembly(Optional.of(next), transforms, outlets, inlets, Optional.empty());
      Assembly after = before.isEmpty() ? made : made.withLeaving(before);
      Graph graph = after.graph(plane, this::unit);
      newExporters.keySet().stream().filter(o -> o.slot.unit().isEmpty() && o.sender() == null).forEach(Outlet::start);
      if (restarts() && !changed().isEmpty()) rehearse();
      // the first start: receivers find their pipelines open; later they must not be handed what lanes cannot take yet
      if (before.isEmpty()) {
        changeOver(graph);
        fill();
        inlets.values().forEach(i -> i.entry().graph(graph));
        restart.start(graph, false);
      } else {
        restart.closeOld(inlets);
        restart.start(graph, true);
        changeOver(graph);
        fill();
        before.inlets().values().forEach(i -> i.entry().graph(graph));
        inlets.values().forEach(i -> i.entry().graph(graph));
      }
      return after;
    } catch (ConfigError | RuntimeException e) {
      throw undo(e, restart);
    }
  }

  // ---- made beside what runs

  private void make(Topology.Component c) throws ConfigError {
    switch (c.kind()) {
      case PROCESSOR -> {
        Slot<Transform> slot = Optional.ofNullable(before.transforms().get(c.id())).orElseGet(() -> new Slot<>(c));
        transforms.put(c.id(), slot);
        if (before.transforms().containsKey(c.id()) && same(slot, c)) kept.put(slot, c);
        else newTransforms.put(slot, factory.transforms(slot, c, type(c)));
      }
      case EXPORTER -> {
        Outlet there = before.outlets().get(c.id());
        Outlet outlet = there != null ? there : new Outlet(new Slot<>(c), plane);
        outlets.put(c.id(), outlet);
        if (there != null && same(outlet.slot, c)) {
          kept.put(outlet.slot, c);
          return;
        }
        Unit<Exporter> unit = factory.exporter(outlet.slot, c, type(c));
        newExporters.put(outlet, unit);
        moveState(outlet.slot, unit);
      }
      case RECEIVER -> {
        Inlet there = before.inlets().get(c.id());
        Inlet inlet = there;
        if (there == null) {
          Slot<Receiver> slot = new Slot<>(c);
          Entry entry = new Entry(plane, slot);
          inlet = new Inlet(slot, entry, new Pressure(plane, slot, entry));
        }
        inlets.put(c.id(), inlet);
        if (there != null && same(inlet.slot(), c)) {
          kept.put(inlet.slot(), c);
          return;
        }
        Unit<Receiver> unit = factory.receiver(inlet.slot(), c, type(c));
        newReceivers.put(inlet, unit);
        moveState(inlet.slot(), unit);
      }
      case PROTOCOL -> { }
    }
  }

  /** Whether receivers are closed or started. */
  private boolean restarts() {
    return !newReceivers.isEmpty() || !inlets.values().containsAll(before.inlets().values());
  }

  private PluginType type(Topology.Component c) throws ConfigError {
    return catalog
        .curable(c.kind(), c.type())
        .orElseThrow(() -> problem(c, "plugin " + c.type() + " is not installed"));
  }

  static ConfigError problem(Topology.Component c, String what) {
    return new ConfigError(List.of(c.where() + ": " + c.path() + ": " + what));
  }

  /** Whether the plugin is told the same, however it is written; an exporter's queue is the engine's. */
  private boolean same(Slot<?> slot, Topology.Component c) {
    Topology.Component was = slot.component();
    if (!was.type().equals(c.type())) return false;
    if (was.binding().fingerprint().equals(c.binding().fingerprint())) return true;
    Optional<PluginType> type = slot.unit().<PluginType>map(u -> u.type).or(() -> catalog.find(c.kind(), c.type()));
    if (type.isEmpty()) return false;
    try {
      Class<? extends Record> record = type.get().plugin().config();
      return was.binding().bind(record).equals(c.binding().bind(record));
    } catch (ConfigError | RuntimeException | LinkageError e) {
      return false; // making it will say why
    }
  }

  /** What an exporter or a receiver hands to its successor, which runs beside it. */
  private <P extends Part> void moveState(Slot<P> slot, Unit<P> unit) throws ConfigError {
    Optional<Unit<P>> old = slot.unit().filter(u -> !u.hung());
    if (old.isEmpty() || !inherits(slot, unit)) return;
    try {
      HandOver.restore(unit.part(0), HandOver.save(old.get().part(0)));
    } catch (HandOver.Failed e) {
      throw refused(unit.component, e.getMessage());
    }
  }

  private boolean inherits(Slot<?> slot, Unit<?> unit) {
    return !discard && slot.component().type().equals(unit.component.type());
  }

  private static ConfigError refused(Topology.Component c, String why) {
    return problem(
        c,
        "its new configuration cannot take over the state it has: " + why
            + "; nothing was changed; --discard-state starts it without that state");
  }

  // ---- the lanes

  private Optional<Unit<Transform>> unit(Slot<Transform> slot) {
    Unit<Transform> made = newTransforms.get(slot);
    return made != null ? Optional.of(made) : slot.unit();
  }

  /** Processors that another configuration of the same place hands its state to. */
  private List<Unit<Transform>> changed() {
    List<Unit<Transform>> changed = new ArrayList<>();
    newTransforms.forEach((slot, unit) -> {
      if (slot.unit().isPresent() || !slot.kept().isEmpty()) changed.add(unit);
    });
    return changed;
  }

  /** With parts that are thrown away: a refused state must not cost a receiver its connections. */
  private void rehearse() throws ConfigError {
    List<Unit<Transform>> trial = new ArrayList<>();
    try {
      for (Unit<Transform> u : changed()) trial.add(factory.transforms(u.slot, u.component, u.type));
      stand(plane.graph(), trial);
    } finally {
      trial.forEach(Unit::close);
    }
  }

  private void changeOver(Graph graph) throws ConfigError {
    stand(graph, changed());
  }

  private void stand(Graph graph, List<Unit<Transform>> heirs) throws ConfigError {
    Topology.Component[] at = {null};
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      HandOver.Result result =
          plane.changeOver(
              graph,
              lane -> {
                for (Unit<Transform> heir : heirs) {
                  try {
                    inherit(heir, lane);
                  } catch (HandOver.Failed e) {
                    at[0] = heir.component;
                    throw e;
                  }
                }
              },
              BOUNDARY);
      if (result.done()) return;
      if (!result.busy()) {
        throw at[0] != null
            ? refused(at[0], result.why())
            : new ConfigError(List.of(result.why() + "; nothing was changed"));
      }
      if (System.nanoTime() > end) {
        throw new ConfigError(List.of("not all lanes came between two batches within " + PATIENCE.toSeconds()
            + " s; nothing was changed, try again"));
      }
      LockSupport.parkNanos(BOUNDARY.toNanos() / 10);
    }
  }

  private void inherit(Unit<Transform> heir, int lane) throws HandOver.Failed {
    if (!inherits(heir.slot, heir)) return;
    Unit<Transform> old = heir.slot.unit().orElse(null);
    if (old != null) {
      if (!old.hung()) HandOver.restore(heir.part(lane), HandOver.save(old.part(lane)));
    } else {
      List<StateBytes> newest = heir.slot.kept().isEmpty() ? List.of() : heir.slot.kept().get(0);
      if (lane < newest.size()) HandOver.restore(heir.part(lane), newest.get(lane));
    }
  }

  // ---- the end

  /** What {@link #run} has taken out of places that stay; to be closed. */
  final List<Unit<Transform>> oldTransforms = new ArrayList<>();
  final Map<Outlet, Unit<Exporter>> oldExporters = new LinkedHashMap<>();

  /** The places get what was made for them. */
  private void fill() {
    newTransforms.forEach((slot, unit) -> {
      slot.unit().ifPresent(oldTransforms::add);
      fill(slot, unit);
    });
    newExporters.forEach((outlet, unit) -> {
      outlet.slot.unit().ifPresent(old -> oldExporters.put(outlet, old));
      fill(outlet.slot, unit);
    });
    newReceivers.forEach((inlet, unit) -> fill(inlet.slot(), unit));
    kept.forEach(Slot::update);
    outlets.values().forEach(Outlet::wake); // another queue takes effect
  }

  private <P extends Part> void fill(Slot<P> slot, Unit<P> unit) {
    slot.fill(unit);
    slot.health.good();
    if (catalog.find(unit.type.kind(), unit.type.name()).isEmpty()) catalog.release(unit.type);
  }

  private ConfigError undo(Exception why, Restart restart) {
    if (why instanceof RuntimeException) {
      LOG.log(System.Logger.Level.ERROR, "a change of the configuration failed", why);
    }
    List<String> problems =
        new ArrayList<>(why instanceof ConfigError e ? e.problems() : List.of("the change failed: " + why));
    // no lane may be in a part that is closed now
    if (before.isEmpty()) plane.changeOver(Graph.EMPTY, lane -> {}, BOUNDARY);
    newReceivers.values().forEach(Unit::close);
    problems.addAll(restart.bringBack());
    newTransforms.values().forEach(Unit::close);
    newExporters.forEach((outlet, unit) -> {
      unit.close();
      if (before.outlets().containsValue(outlet)) return;
      outlet.drain(Duration.ZERO, "shutdown");
    });
    return new ConfigError(problems);
  }

  /** What {@link #run} has changed. */
  Changes changes() {
    List<String> added = new ArrayList<>();
    List<String> replaced = new ArrayList<>();
    List<String> stays = new ArrayList<>();
    Map<String, Topology.Component> was = new LinkedHashMap<>();
    Map<String, Topology.Pipeline> ran = new LinkedHashMap<>();
    before.topology().ifPresent(t -> {
      t.components().forEach(c -> was.put(c.path(), c));
      t.pipelines().forEach(p -> ran.put("pipelines." + p.id(), p));
    });
    for (Topology.Component c : next.components()) {
      Topology.Component old = was.remove(c.path());
      boolean same = kept.containsValue(c) && old != null && old.queue().equals(c.queue());
      (old == null ? added : same ? stays : replaced).add(c.path());
    }
    for (Topology.Pipeline p : next.pipelines()) {
      Topology.Pipeline old = ran.remove("pipelines." + p.id());
      (old == null ? added : old.equals(p) ? stays : replaced).add("pipelines." + p.id());
    }
    before.topology().ifPresent(t -> {
      if (!t.memory().equals(next.memory())) replaced.add("service.memory");
      if (!t.shutdown().equals(next.shutdown())) replaced.add("service.shutdown_timeout");
    });
    List<String> removed = new ArrayList<>(was.keySet());
    removed.addAll(ran.keySet());
    return new Changes(added, replaced, removed, stays);
  }
}
