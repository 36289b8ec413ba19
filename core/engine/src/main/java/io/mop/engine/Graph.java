package io.mop.engine;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Transform;
import io.mop.control.Topology;
import io.mop.otlp.AttributeField;
import io.mop.otlp.Schema;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What lanes run: immutable, published as a whole. */
final class Graph {
  static final Graph EMPTY = new Graph(List.of());

  private final Map<String, Run> runs = new LinkedHashMap<>();
  private final Map<Door, List<Run>> fed = new HashMap<>();
  private final Map<Door, List<Run>> leaving = new HashMap<>();

  private record Door(String receiver, Signal signal) {}

  Graph(List<Run> runs) {
    this(runs, List.of());
  }

  /**
   * @param before pipelines of the graph before: what their receivers had handed over and no pipeline takes any more
   *     goes through them, or through the one of {@code runs} that has their id
   */
  Graph(List<Run> runs, List<Run> before) {
    for (Run run : runs) {
      run.graph = this;
      this.runs.put(run.pipeline.id(), run);
      doors(run, run, fed);
    }
    for (Run run : before) {
      run.graph = this;
      Run same = this.runs.putIfAbsent(run.pipeline.id(), run);
      doors(run, same == null ? run : same, leaving);
    }
  }

  private static void doors(Run run, Run to, Map<Door, List<Run>> doors) {
    for (String receiver : run.pipeline.receivers()) {
      doors.computeIfAbsent(new Door(receiver, run.pipeline.signal()), d -> new ArrayList<>()).add(to);
    }
  }

  Optional<Run> find(String pipeline) {
    return Optional.ofNullable(runs.get(pipeline));
  }

  Collection<Run> runs() {
    return runs.values();
  }

  /** What works in it now. */
  Set<Unit<?>> units() {
    Set<Unit<?>> units = new LinkedHashSet<>();
    for (Run run : runs.values()) {
      for (Stage s : run.stages) s.unit.ifPresent(units::add);
      for (Outlet o : run.outlets) o.slot.unit().ifPresent(units::add);
    }
    return units;
  }

  /** The pipelines that a request goes through which a receiver has handed over: those it fed if it feeds none now. */
  List<Run> takenBy(String receiver, Signal signal) {
    List<Run> now = fedBy(receiver, signal);
    return now.isEmpty() ? leaving.getOrDefault(new Door(receiver, signal), List.of()) : now;
  }

  /** The pipelines that a receiver feeds with a signal. */
  List<Run> fedBy(String receiver, Signal signal) {
    return fed.getOrDefault(new Door(receiver, signal), List.of());
  }

  /** One pipeline with the parts that it has now. */
  static final class Run {
    final Topology.Pipeline pipeline;
    final Account account;
    final List<Stage> stages;
    final List<Outlet> outlets;
    final Schema schema;
    /** The graph it is part of; set before that is published. */
    Graph graph = EMPTY;

    Run(Topology.Pipeline pipeline, Account account, List<Stage> stages, List<Outlet> outlets) {
      this.pipeline = pipeline;
      this.account = account;
      this.stages = List.copyOf(stages);
      this.outlets = List.copyOf(outlets);
      List<AttributeField> declared = new ArrayList<>();
      for (Stage s : stages) s.unit.ifPresent(u -> declared.addAll(u.context.declared()));
      this.schema = Schema.of(declared);
    }

    /** Why the pipeline takes nothing now; empty = it does. */
    Optional<String> closed() {
      if (pipeline.onMissing() == Topology.OnMissing.BYPASS) return Optional.empty();
      for (Stage s : stages) {
        if (s.missing())
          return Optional.of(
              s.slot.path() + " is missing and pipeline " + pipeline.id() + " says on_missing: refuse");
      }
      return Optional.empty();
    }

    int indexOf(String path) {
      for (int i = 0; i < stages.size(); i++) if (stages.get(i).slot.path().equals(path)) return i;
      return -1;
    }
  }

  /** A processor in a pipeline. */
  record Stage(Slot<Transform> slot, Optional<Unit<Transform>> unit, Account account) {
    boolean missing() {
      return unit.isEmpty() || unit.get().tripped();
    }
  }
}
