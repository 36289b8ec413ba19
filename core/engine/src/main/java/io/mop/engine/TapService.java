package io.mop.engine;

import io.mop.api.data.Signal;
import io.mop.control.Tap;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Samples at the edges of the graph that runs now. */
final class TapService implements Tap {
  private final Supplier<DataPlane> plane;

  /** @param plane null while there is none */
  TapService(Supplier<DataPlane> plane) {
    this.plane = plane;
  }

  @Override
  public List<Edge> edges() {
    DataPlane p = plane.get();
    if (p == null) return List.of();
    Map<String, Edge> receivers = new LinkedHashMap<>();
    Map<String, Edge> processors = new LinkedHashMap<>();
    Map<String, Edge> exporters = new LinkedHashMap<>();
    for (Graph.Run run : p.graph().runs()) {
      for (String id : run.pipeline.receivers()) add(receivers, "receivers." + id, run);
      for (Graph.Stage stage : run.stages) add(processors, stage.slot().path(), run);
      for (Outlet outlet : run.outlets) add(exporters, outlet.slot.path(), run);
    }
    List<Edge> all = new ArrayList<>(receivers.values());
    all.addAll(processors.values());
    all.addAll(exporters.values());
    return all;
  }

  private static void add(Map<String, Edge> edges, String path, Graph.Run run) {
    Edge edge =
        edges.computeIfAbsent(path, k -> new Edge(path, EnumSet.noneOf(Signal.class), new LinkedHashSet<>()));
    edge.signals().add(run.pipeline.signal());
    edge.pipelines().add(run.pipeline.id());
  }

  @Override
  public Sample open(Look look) {
    Set<String> paths = new LinkedHashSet<>();
    for (Edge edge : edges()) paths.add(edge.path());
    if (!paths.contains(look.edge())) {
      throw new IllegalArgumentException(
          "There is no edge \"" + look.edge() + "\"; there are: " + String.join(", ", paths) + ".");
    }
    if (look.diff() && !look.edge().startsWith("processors.")) {
      throw new IllegalArgumentException(
          "Only a processor changes items, expected one in place of " + look.edge() + ".");
    }
    if (look.rate() < 1 || look.rate() > MOST) {
      throw new IllegalArgumentException("The rate is " + look.rate() + ", expected 1 to " + MOST + " items a second.");
    }
    return plane.get().taps.open(look);
  }
}
