package io.mop.engine;

import io.mop.api.pipeline.Transform;
import io.mop.control.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The places of one topology's components, by their ids.
 *
 * @param leaving what ran before, while lanes still hold requests that it has taken; empty of such itself
 */
record Assembly(
    Optional<Topology> topology,
    Map<String, Slot<Transform>> transforms,
    Map<String, Outlet> outlets,
    Map<String, Inlet> inlets,
    Optional<Assembly> leaving) {
  static final Assembly EMPTY = new Assembly(Optional.empty(), Map.of(), Map.of(), Map.of(), Optional.empty());

  boolean isEmpty() {
    return topology.isEmpty();
  }

  Duration shutdown() {
    return topology.map(Topology::shutdown).orElse(Duration.ofSeconds(1));
  }

  Assembly withLeaving(Assembly before) {
    return new Assembly(topology, transforms, outlets, inlets, Optional.of(before.alone()));
  }

  Assembly alone() {
    return new Assembly(topology, transforms, outlets, inlets, Optional.empty());
  }

  /** All places, without those that are leaving. */
  List<Slot<?>> slots() {
    List<Slot<?>> all = new ArrayList<>();
    inlets.values().forEach(i -> all.add(i.slot()));
    all.addAll(transforms.values());
    outlets.values().forEach(o -> all.add(o.slot));
    return List.copyOf(all);
  }

  /** @param units what works in each place */
  Graph graph(DataPlane plane, Function<Slot<Transform>, Optional<Unit<Transform>>> units) {
    return new Graph(runs(plane, units), leaving.map(l -> l.runs(plane, units)).orElse(List.of()));
  }

  private List<Graph.Run> runs(DataPlane plane, Function<Slot<Transform>, Optional<Unit<Transform>>> units) {
    List<Graph.Run> runs = new ArrayList<>();
    for (Topology.Pipeline p : topology.map(Topology::pipelines).orElse(List.of())) {
      List<Graph.Stage> stages = new ArrayList<>();
      for (String id : p.processors()) {
        Slot<Transform> slot = transforms.get(id);
        stages.add(new Graph.Stage(slot, units.apply(slot), plane.account(slot.path(), p.signal())));
      }
      List<Outlet> ends = p.exporters().stream().map(outlets::get).toList();
      runs.add(new Graph.Run(p, plane.account("pipelines." + p.id(), p.signal()), stages, ends));
    }
    return runs;
  }
}
