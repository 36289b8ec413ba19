package io.mop.config;

import io.mop.api.data.Signal;
import io.mop.api.plugin.Provides.Kind;
import io.mop.config.Node.Entry;
import io.mop.config.Node.Items;
import io.mop.config.Node.Mapping;
import io.mop.config.Node.Scalar;
import io.mop.config.Sections.Service;
import io.mop.control.DirectMemory;
import io.mop.control.PluginCatalog;
import io.mop.control.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The nodes of one file to a {@link Topology}. */
final class TopologyReader {
  private static final List<String> TOP =
      List.of("receivers", "processors", "exporters", "connectors", "extensions", "service");
  static final List<Kind> KINDS = List.of(Kind.RECEIVER, Kind.PROCESSOR, Kind.EXPORTER);
  static final Map<String, String> EXTENSIONS =
      new TreeMap<>(
          Map.of(
              "health_check",
              "health is at /healthz and /readyz of the address that --telemetry or MOP_TELEMETRY names, else"
                  + " 127.0.0.1:13133",
              "file_storage", "queues are held in memory"));
  static final List<String> SIGNALS = List.of("traces", "metrics", "logs");

  private final Problems problems;
  private final Notes notes;
  private final Binder binder;
  private final Components components;

  /** Ids that a pipeline may name and that are reported or dropped already. */
  private final Set<String> connectors = new HashSet<>();

  private final Map<Kind, Set<String>> used = new HashMap<>();

  TopologyReader(Problems problems, Notes notes, PluginCatalog catalog, String file) {
    this.problems = problems;
    this.notes = notes;
    this.binder = new Binder(problems, new HashSet<>());
    this.components = new Components(problems, notes, catalog, file);
    for (Kind kind : KINDS) used.put(kind, new HashSet<>());
  }

  /** Empty only if there are problems. */
  Optional<Topology> read(Node document) {
    At top = new At(document.line(), "");
    if (!(document instanceof Mapping root)) {
      String found = document.isNull() ? "nothing" : document instanceof Items ? "a list" : "text";
      problems.add(top, "expected a map of receivers, exporters and service, got " + found);
      return Optional.empty();
    }
    root.entries().forEach(
        (key, entry) -> {
          if (!TOP.contains(key)) problems.add(top.key(key, entry), () -> Binder.unknown(key, TOP));
        });
    connectors(root);
    Mapping defined = section(root, "extensions");
    var authenticators = new Authenticators(problems, notes, binder, defined);
    for (Kind kind : KINDS)
      components.read(kind, authenticators.inline(kind, section(root, plural(kind))), plural(kind));
    authenticators.noteUnused();
    Set<String> extensions = extensions(defined);
    if (!root.entries().containsKey("service")) {
      problems.add(top.key("service", 1), "missing; expected pipelines with at least one pipeline");
      return Optional.empty();
    }
    Entry entry = root.entries().get("service");
    return service(entry.value(), top.key("service", entry), extensions);
  }

  private Optional<Topology> service(Node node, At at, Set<String> extensions) {
    Optional<Service> service = binder.bind(Service.class, node, at, Set.of());
    if (!(node instanceof Mapping) && !node.isNull()) return Optional.empty();
    // Pipelines are read from the nodes, so that a problem in one section hides none in another.
    Mapping section = node instanceof Mapping map ? map : empty(at.line());
    Mapping pipelines = child(section, "pipelines").orElse(empty(at.line()));
    extensionsNamed(section, at, extensions);
    Optional.ofNullable(section.entries().get("telemetry"))
        .filter(e -> !e.value().isNull())
        .ifPresent(
            e -> notes.withoutEffect(
                at.key("telemetry", e),
                "MOP's own metrics are at /metrics of the address that --telemetry names; a receiver 'self' sends them"
                    + " on"));
    Entry written = section.entries().get("pipelines");
    At pipelinesAt = at.key("pipelines", written == null ? at.line() : written.line());
    boolean map = written == null || written.value() instanceof Mapping || written.value().isNull();
    if (map && pipelines.entries().isEmpty()) problems.add(pipelinesAt, "missing; expected at least one pipeline");
    List<Topology.Pipeline> read = new ArrayList<>();
    pipelines.entries().forEach((id, e) -> pipeline(id, e.value(), pipelinesAt.key(id, e)).ifPresent(read::add));
    if (!problems.isEmpty()) return Optional.empty();
    List<Topology.Component> running = new ArrayList<>();
    for (Kind kind : KINDS) running.addAll(components.running(kind, used.get(kind)));
    return service.map(
        s -> new Topology(running, read, s.memory().orElseGet(DirectMemory::forBatches), s.shutdownTimeout()));
  }

  private Optional<Topology.Pipeline> pipeline(String id, Node node, At at) {
    Optional<Signal> signal = signal(id, at);
    Optional<Sections.Pipeline> keys = binder.bind(Sections.Pipeline.class, node, at, Set.of());
    Map<Kind, List<String>> named = new HashMap<>();
    for (Kind kind : KINDS) named.put(kind, references(kind, node, at));
    if (signal.isEmpty() || keys.isEmpty()) return Optional.empty();
    if (keys.get().receivers().isEmpty() || keys.get().exporters().isEmpty())
      problems.add(at, "needs at least one receiver and one exporter");
    if (keys.get().durability() == Sections.Durability.DISK)
      problems.add(
          at.below(node, "durability"),
          "durability disk needs the queue bundle, which is not installed; use memory or export");
    var durability =
        keys.get().durability() == Sections.Durability.EXPORT ? Topology.Durability.EXPORT : Topology.Durability.MEMORY;
    return Optional.of(
        new Topology.Pipeline(
            id,
            signal.get(),
            named.get(Kind.RECEIVER),
            named.get(Kind.PROCESSOR),
            named.get(Kind.EXPORTER),
            durability,
            keys.get().onMissing()));
  }

  private Optional<Signal> signal(String id, At at) {
    String name = id.contains("/") ? id.substring(0, id.indexOf('/')) : id;
    if (SIGNALS.contains(name) && !id.endsWith("/"))
      return Optional.of(Signal.valueOf(name.toUpperCase(Locale.ROOT)));
    problems.add(
        at,
        () -> "expected traces, metrics or logs, or one of them with a name, such as traces/eu"
            + (SIGNALS.contains(name) ? "" : Names.nearestTo(name, SIGNALS)));
    return Optional.empty();
  }

  /** The ids of one list of a pipeline without those that are left out; checks each. */
  private List<String> references(Kind kind, Node pipeline, At at) {
    String key = plural(kind);
    if (!(pipeline instanceof Mapping map)) return List.of();
    Entry entry = map.entries().get(key);
    if (entry == null || !(entry.value() instanceof Items items)) return List.of();
    Set<String> seen = new HashSet<>();
    List<String> ids = new ArrayList<>();
    At list = at.key(key, entry);
    for (int i = 0; i < items.values().size(); i++) {
      if (!(items.values().get(i) instanceof Scalar scalar) || scalar.form() != Node.Form.TEXT) continue;
      String id = scalar.text();
      At place = list.item(i, scalar.line());
      used.get(kind).add(id);
      if (!seen.add(id)) problems.add(place, word(kind) + " " + scalar.kind() + " is named twice");
      else if (components.defined(kind, id)) ids.add(id);
      else if (!components.leftOut(kind, id) && !connectors.contains(id))
        problems.add(
            place, () -> word(kind) + " " + scalar.kind() + " is not defined" + near(scalar, components.ids(kind)));
    }
    return ids;
  }

  private static String near(Scalar name, Set<String> names) {
    String nearest = Names.nearestTo(name.written(), names);
    if (!nearest.isEmpty()) return nearest;
    return names.isEmpty() ? "; none is" : "; defined: " + Names.list(names);
  }

  private void connectors(Mapping root) {
    Mapping section = section(root, "connectors");
    if (section.entries().isEmpty()) return;
    connectors.addAll(section.entries().keySet());
    Entry entry = root.entries().get("connectors");
    problems.add(
        new At(entry.line(), "connectors"),
        "connectors are not in this distribution; remove " + Names.list(section.entries().keySet())
            + " here and in the pipelines");
  }

  /** The ids that {@code extensions} defines. */
  private Set<String> extensions(Mapping section) {
    section.entries().forEach(
        (id, entry) -> {
          At at = new At(entry.line(), "extensions").key(id, entry);
          String type = Components.type(id);
          String why = EXTENSIONS.get(type);
          if (why != null) notes.withoutEffect(at, why);
          else if (!Authenticators.isOne(id)) problems.add(at, () -> noExtension(type));
        });
    return section.entries().keySet();
  }

  private static String noExtension(String type) {
    return "no extension '" + Names.printable(type) + "' is installed; accepted, without effect: "
        + Names.list(EXTENSIONS.keySet()) + Names.nearestTo(type, EXTENSIONS.keySet());
  }

  private void extensionsNamed(Mapping service, At at, Set<String> defined) {
    Entry entry = service.entries().get("extensions");
    if (entry == null || !(entry.value() instanceof Items items)) return;
    At list = at.key("extensions", entry);
    for (int i = 0; i < items.values().size(); i++)
      if (items.values().get(i) instanceof Scalar id && id.form() == Node.Form.TEXT && !defined.contains(id.text()))
        problems.add(list.item(i, id.line()), () -> "extension " + id.kind() + " is not defined" + near(id, defined));
  }

  /** A map under a top key; nothing and a problem are an empty map. */
  private Mapping section(Mapping root, String key) {
    Entry entry = root.entries().get(key);
    if (entry == null || entry.value().isNull()) return empty(1);
    if (entry.value() instanceof Mapping map) return map;
    boolean reported = entry.value() instanceof Scalar s && s.form() == Node.Form.BROKEN;
    if (!reported) problems.add(new At(entry.line(), key), "expected a map, got " + entry.value().kind());
    return empty(1);
  }

  private static Optional<Mapping> child(Mapping map, String key) {
    Entry entry = map.entries().get(key);
    return entry != null && entry.value() instanceof Mapping child ? Optional.of(child) : Optional.empty();
  }

  private static Mapping empty(int line) {
    return new Mapping(new LinkedHashMap<>(), line, 1, 1);
  }

  static String word(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  static String plural(Kind kind) {
    return word(kind) + "s";
  }
}
