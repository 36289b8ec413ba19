package io.mop.engine;

import io.mop.api.plugin.Part;
import io.mop.control.PluginType;
import io.mop.control.Topology;
import io.mop.otlp.Schema;
import java.util.List;

/** One component as made by one version of its plugin: a part for every lane, or a single one. */
final class Unit<P extends Part> {
  private static final System.Logger LOG = System.getLogger("io.mop.engine");

  final Slot<P> slot;
  final Topology.Component component;
  final PluginType type;
  final PartContext context;
  final Usage usage;
  /** What its parts have declared to read. */
  final Schema schema;
  /** Of this unit alone; threads that its calls start inherit it as context class loader, so that they can be told. */
  final ClassLoader mark;
  private final List<P> parts;
  private final ErrorBudget budget = new ErrorBudget();
  private volatile String trip = "";
  private volatile boolean hung;

  Unit(Slot<P> slot, Topology.Component component, PluginType type, PartContext context, Usage usage, List<P> parts) {
    this.slot = slot;
    this.component = component;
    this.type = type;
    this.context = context;
    this.usage = usage;
    this.mark = new ClassLoader(component.path(), type.plugin().getClass().getClassLoader()) {};
    this.parts = List.copyOf(parts);
    this.schema = Schema.of(context.declared());
  }

  P part(int lane) {
    return parts.get(lane);
  }

  /** Counts a failure; true when the budget is used up. */
  boolean failed() {
    usage.errors.increment();
    return budget.spend(System.nanoTime());
  }

  /** Takes it out of every pipeline at the next call; the reason stays in status. */
  void trip(String why) {
    trip = why;
  }

  boolean tripped() {
    return !trip.isEmpty();
  }

  /** Takes it out because a call does not return: a thread may still be in it. */
  void tripHung(String why) {
    hung = true;
    trip = why;
  }

  boolean hung() {
    return hung;
  }

  String why() {
    return trip;
  }

  /** Closes its parts, then withdraws their context. A part with a thread in it is left alone. */
  void close() {
    if (hung) {
      context.close();
      return;
    }
    for (P part : parts) {
      try {
        part.close();
      } catch (RuntimeException | LinkageError e) {
        LOG.log(System.Logger.Level.WARNING, component.path() + ": close failed", e);
      }
    }
    context.close();
  }
}
