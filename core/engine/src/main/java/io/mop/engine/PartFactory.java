package io.mop.engine;

import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Receiver;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Part;
import io.mop.api.plugin.Plugin;
import io.mop.control.ConfigError;
import io.mop.control.PluginType;
import io.mop.control.Topology;
import io.mop.otlp.FieldTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Makes the parts of a component from a version of its plugin: binds the configuration, calls create, checks the kind.
 */
final class PartFactory {
  private final Path state;
  private final int lanes;
  private final FieldTable fields = new FieldTable();
  private final Map<String, Tally> counters;
  private final Map<Plugin<?>, Usage> usages = Collections.synchronizedMap(new WeakHashMap<>());

  PartFactory(Path state, int lanes, Map<String, Tally> counters) {
    this.state = state;
    this.lanes = lanes;
    this.counters = counters;
  }

  Unit<Transform> transforms(Slot<Transform> slot, Topology.Component component, PluginType type) throws ConfigError {
    return make(slot, component, type, Transform.class, lanes);
  }

  Unit<Exporter> exporter(Slot<Exporter> slot, Topology.Component component, PluginType type) throws ConfigError {
    return make(slot, component, type, Exporter.class, 1);
  }

  Unit<Receiver> receiver(Slot<Receiver> slot, Topology.Component component, PluginType type) throws ConfigError {
    return make(slot, component, type, Receiver.class, 1);
  }

  private <P extends Part> Unit<P> make(
      Slot<P> slot, Topology.Component component, PluginType type, Class<P> part, int count) throws ConfigError {
    PartContext context = new PartContext(component.path(), state, fields, slot.health, counters);
    List<P> parts = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) parts.add(part.cast(create(type.plugin(), component, context)));
      return new Unit<>(slot, component, type, context, usage(type), parts);
    } catch (InvalidConfig e) {
      undo(parts, context);
      throw component.binding().locate(e);
    } catch (ConfigError e) {
      undo(parts, context);
      throw e;
    } catch (ClassCastException e) {
      undo(parts, context);
      throw fault(component, type, "made something that is not a " + part.getSimpleName());
    } catch (RuntimeException | LinkageError e) {
      undo(parts, context);
      throw fault(component, type, "failed to start: " + e);
    }
  }

  /** What a version has cost so far. */
  Usage usage(PluginType type) {
    return usages.computeIfAbsent(type.plugin(), p -> new Usage());
  }

  private static <C extends Record> Part create(Plugin<C> plugin, Topology.Component component, PartContext context)
      throws ConfigError {
    return plugin.create(component.binding().bind(plugin.config()), context);
  }

  private static ConfigError fault(Topology.Component component, PluginType type, String what) {
    return new ConfigError(
        List.of(
            component.where() + ": " + component.path() + ": plugin " + type.bundle() + " " + type.version() + " "
                + what));
  }

  private static void undo(List<? extends Part> parts, PartContext context) {
    for (Part p : parts) {
      try {
        p.close();
      } catch (RuntimeException | LinkageError e) {
        System.getLogger("io.mop.engine").log(System.Logger.Level.DEBUG, "close of an unused part failed", e);
      }
    }
    context.close();
  }

}
