package io.mop.config;

import io.mop.api.plugin.Provides.Kind;
import io.mop.config.Node.Entry;
import io.mop.config.Node.Mapping;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import io.mop.control.Topology.Component;
import io.mop.control.Topology.Queue;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The sections {@code receivers}, {@code processors} and {@code exporters}, bound to their plugins' records. */
final class Components {
  /** @param hints values of keys that the name implies */
  record Alias(String type, Map<String, String> hints) {}

  static final Map<String, Alias> EXPORTER_ALIASES =
      Map.of(
          "otlphttp", new Alias("otlp", Map.of("protocol", "http")),
          "otlp_http", new Alias("otlp", Map.of("protocol", "http")));

  /** The collector's processors that are the engine's own work here. */
  static final Map<String, String> LEFT_OUT =
      Map.of(
          "batch", "batching is the work of the exporters' queues",
          "memory_limiter", "service.memory bounds what is held");

  private final Problems problems;
  private final Notes notes;
  private final PluginCatalog catalog;
  private final String file;
  private final Queues queues;

  private final Map<Kind, Map<String, Optional<Component>>> defined = new EnumMap<>(Kind.class);
  private final Map<Kind, Map<String, At>> places = new EnumMap<>(Kind.class);
  private final Set<String> leftOut = new HashSet<>();

  Components(Problems problems, Notes notes, PluginCatalog catalog, String file) {
    this.problems = problems;
    this.notes = notes;
    this.catalog = catalog;
    this.file = file;
    this.queues = new Queues(problems, notes);
  }

  static String type(String id) {
    return id.contains("/") ? id.substring(0, id.indexOf('/')) : id;
  }

  void read(Kind kind, Mapping section, String key) {
    defined.put(kind, new LinkedHashMap<>());
    places.put(kind, new LinkedHashMap<>());
    section.entries().forEach((id, entry) -> read(kind, id, entry, new At(entry.line(), key).key(id, entry)));
  }

  private void read(Kind kind, String id, Entry entry, At at) {
    String type = type(id);
    if (type.isEmpty() || id.endsWith("/")) {
      problems.add(at, "expected type or type/name, such as otlp or otlp/eu");
      define(kind, id, at, Optional.empty());
      return;
    }
    Optional<PluginType> plugin = catalog.curable(kind, type);
    if (plugin.isEmpty() && kind == Kind.PROCESSOR && LEFT_OUT.containsKey(type)) {
      leftOut.add(id);
      notes.add(at, "accepted and left out: " + LEFT_OUT.get(type));
      return;
    }
    Map<String, String> hints = Map.of();
    Alias alias = kind == Kind.EXPORTER ? EXPORTER_ALIASES.get(type) : null;
    if (plugin.isEmpty() && alias != null) {
      plugin = catalog.curable(kind, alias.type());
      hints = alias.hints();
    }
    if (plugin.isEmpty()) problems.add(at, () -> notInstalled(kind, type));
    define(kind, id, at, plugin.isEmpty() ? Optional.empty() : bind(kind, id, plugin.get(), entry, at, hints));
  }

  private void define(Kind kind, String id, At at, Optional<Component> component) {
    defined.get(kind).put(id, component);
    places.get(kind).put(id, at);
  }

  private Optional<Component> bind(
      Kind kind, String id, PluginType plugin, Entry entry, At at, Map<String, String> hints) {
    boolean exporter = kind == Kind.EXPORTER;
    var binding = new RecordBinder(file, at, entry.value(), exporter ? Queues.KEYS : List.of(), hints);
    Class<? extends Record> type;
    try {
      type = plugin.plugin().config();
    } catch (RuntimeException | LinkageError e) {
      problems.add(at, "the plugin " + plugin.name() + " " + plugin.version() + " failed: " + e);
      return Optional.empty();
    }
    Set<String> keys = hints.isEmpty() ? Set.of() : RecordBinder.names(type);
    for (String hint : hints.keySet())
      if (!keys.contains(hint))
        problems.add(at, "the installed " + plugin.name() + " " + plugin.version() + " has no key " + hint
            + " and cannot stand for " + type(id) + "; use " + plugin.name());
    boolean bound = binding.bind(type, problems).isPresent();
    Optional<Queue> queue = exporter ? Optional.of(queues.of(entry.value(), at)) : Optional.empty();
    String where = problems.where(at.line());
    return bound ? Optional.of(new Component(kind, id, plugin.name(), where, binding, queue)) : Optional.empty();
  }

  private String notInstalled(Kind kind, String type) {
    Set<String> names = new LinkedHashSet<>();
    for (PluginType plugin : catalog.all()) if (plugin.kind() == kind) names.add(plugin.name());
    String sentence = "no " + TopologyReader.word(kind) + " '" + Names.printable(type) + "' is installed";
    String nearest = Names.nearestTo(type, names);
    if (!nearest.isEmpty()) return sentence + nearest;
    return sentence + (names.isEmpty() ? "; none is" : "; installed: " + Names.list(names));
  }

  /** Whether the file defines it, with or without problems. */
  boolean defined(Kind kind, String id) {
    return defined.get(kind).containsKey(id);
  }

  boolean leftOut(Kind kind, String id) {
    return kind == Kind.PROCESSOR && leftOut.contains(id);
  }

  Set<String> ids(Kind kind) {
    return defined.get(kind).keySet();
  }

  /** Those of {@code used}; the others get a note. */
  List<Component> running(Kind kind, Set<String> used) {
    List<Component> running = new ArrayList<>();
    defined.get(kind).forEach(
        (id, component) -> {
          if (used.contains(id)) component.ifPresent(running::add);
          else notes.add(places.get(kind).get(id), "defined, and no pipeline uses it: it is not started");
        });
    return running;
  }
}
