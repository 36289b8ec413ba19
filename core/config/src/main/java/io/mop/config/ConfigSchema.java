package io.mop.config;

import io.mop.api.plugin.Provides.Kind;
import io.mop.config.Sections.Retry;
import io.mop.config.Sections.SendingQueue;
import io.mop.config.Sections.Service;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * JSON Schema (draft 2020-12) of mop.yaml, from the records that the binder fills: a file that MOP takes is valid by
 * it, and a key that MOP does not know is not. What only a plugin's constructor checks it cannot say.
 */
public final class ConfigSchema {
  private static final String NAMED = "(/.+)?$";

  private final PluginCatalog catalog;
  /** Sorted, so that the text depends on nothing but the plugins. */
  private final Map<String, Object> defs = new TreeMap<>();
  private final Map<String, Class<?>> named = new HashMap<>();

  private ConfigSchema(PluginCatalog catalog) {
    this.catalog = catalog;
  }

  /** The schema for the plugins of {@code catalog}, as JSON text that is the same every time. */
  public static String of(PluginCatalog catalog) {
    return JsonText.of(new ConfigSchema(catalog).document());
  }

  private Map<String, Object> document() {
    Map<String, Object> sections = new LinkedHashMap<>();
    for (Kind kind : TopologyReader.KINDS) sections.put(TopologyReader.plural(kind), components(kind));
    Map<String, Object> none = ValueSchema.type("object", "null");
    none.put("maxProperties", 0);
    sections.put("connectors", none);
    Map<String, Object> extensions = new LinkedHashMap<>();
    TopologyReader.EXTENSIONS.forEach((type, why) -> extensions.put("^" + type + NAMED, described(why)));
    sections.put("extensions", ids(extensions));
    sections.put("service", service());
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "mop.yaml");
    schema.put("type", "object");
    schema.put("properties", sections);
    schema.put("required", List.of("service"));
    schema.put("additionalProperties", false);
    schema.put("$defs", defs);
    return schema;
  }

  // ---- components

  private Map<String, Object> components(Kind kind) {
    Map<String, Object> patterns = new TreeMap<>();
    for (PluginType plugin : catalog.all()) {
      if (plugin.kind() == kind) patterns.put("^" + plugin.name() + NAMED, component(plugin, Set.of()));
    }
    if (kind == Kind.EXPORTER) {
      Components.EXPORTER_ALIASES.forEach(
          (name, alias) ->
              catalog
                  .find(kind, alias.type())
                  .ifPresent(p -> patterns.putIfAbsent("^" + name + NAMED, component(p, alias.hints().keySet()))));
    }
    if (kind == Kind.PROCESSOR) {
      Components.LEFT_OUT.forEach((type, why) -> patterns.putIfAbsent("^" + type + NAMED, described(why)));
    }
    return ids(patterns);
  }

  /** @param hinted keys that the name of the component sets */
  private Map<String, Object> component(PluginType plugin, Set<String> hinted) {
    try {
      return described(plugin, hinted);
    } catch (RuntimeException | LinkageError e) {
      Map<String, Object> any = new LinkedHashMap<>();
      any.put("description", "The configuration type of " + plugin.bundle() + " " + plugin.version() + " is at fault.");
      return any;
    }
  }

  private Map<String, Object> described(PluginType plugin, Set<String> hinted) {
    String scope = TopologyReader.plural(plugin.kind()) + "." + plugin.name();
    Class<? extends Record> type = plugin.plugin().config();
    Map<String, Object> schema = section(type, scope);
    schema.put("title", plugin.name() + " " + plugin.version());
    if (plugin.kind() == Kind.EXPORTER) {
      Map<String, Object> keys = new LinkedHashMap<>(properties(schema));
      keys.put("sending_queue", nullable(reference(SendingQueue.class, "exporters")));
      keys.put("retry_on_failure", nullable(reference(Retry.class, "exporters")));
      schema.put("properties", keys);
    }
    List<String> required = new ArrayList<>(required(type));
    required.removeAll(hinted);
    if (required.isEmpty()) {
      schema.remove("required");
      return nullable(schema);
    }
    schema.put("required", required);
    return schema;
  }

  private static Map<String, Object> ids(Map<String, Object> patterns) {
    Map<String, Object> schema = ValueSchema.type("object", "null");
    schema.put("patternProperties", patterns);
    schema.put("additionalProperties", false);
    return schema;
  }

  /** Accepted whatever it holds. */
  private static Map<String, Object> described(String why) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("description", "Accepted, without effect: " + why + ".");
    return schema;
  }

  // ---- service

  private Map<String, Object> service() {
    Map<String, Object> service = section(Service.class, "service");
    Map<String, Object> keys = new LinkedHashMap<>(properties(service));
    Map<String, Object> pipelines = ValueSchema.type("object");
    pipelines.put("description", "What receives, processes and exports what.");
    Map<String, Object> pipeline = section(Sections.Pipeline.class, "service");
    Map<String, Object> lists = new LinkedHashMap<>(properties(pipeline));
    for (String list : List.of("receivers", "exporters")) {
      Map<String, Object> filled = new LinkedHashMap<>(cast(lists.get(list)));
      filled.put("type", "array");
      filled.put("minItems", 1);
      lists.put(list, filled);
    }
    pipeline.put("properties", lists);
    pipeline.put("required", List.of("receivers", "exporters"));
    pipelines.put("patternProperties", Map.of("^(" + String.join("|", TopologyReader.SIGNALS) + ")" + NAMED, pipeline));
    pipelines.put("additionalProperties", false);
    pipelines.put("minProperties", 1);
    keys.put("pipelines", pipelines);
    service.put("properties", keys);
    service.put("required", List.of("pipelines"));
    return service;
  }

  // ---- records

  private Map<String, Object> section(Class<? extends Record> type, String scope) {
    Map<String, Object> keys = new LinkedHashMap<>();
    List<String> required = required(type);
    for (Keys.One key : Keys.of(type).keys().values()) {
      keys.put(key.name(), key(key, required.contains(key.name()), scope));
    }
    Map<String, Object> schema = ValueSchema.type("object");
    schema.put("properties", keys);
    if (!required.isEmpty()) schema.put("required", required);
    schema.put("additionalProperties", false);
    return schema;
  }

  private Map<String, Object> key(Keys.One key, boolean required, String scope) {
    Map<String, Object> schema = shape(key, key.shape(), scope);
    if (!required) schema = nullable(schema);
    Map<String, Object> described = new LinkedHashMap<>();
    String doc = key.doc();
    if (bounded(key.shape())) {
      doc = (doc + " Expected: " + Scalars.expected(key.shape(), key.min(), key.max()) + ".").strip();
    }
    if (!doc.isEmpty()) described.put("description", doc);
    key.value().ifPresent(v -> described.put("default", ValueSchema.value(key.shape(), v)));
    described.putAll(schema);
    return described;
  }

  /** Values whose bounds a pattern cannot say. */
  private static boolean bounded(Shape shape) {
    Shape of = shape instanceof Shape.Maybe maybe ? maybe.of() : shape;
    return of == Shape.Plain.DURATION || of == Shape.Plain.SIZE;
  }

  private Map<String, Object> shape(Keys.One key, Shape shape, String scope) {
    if (shape instanceof Shape.Maybe maybe) return shape(key, maybe.of(), scope);
    if (shape instanceof Shape.Section section) return reference(section.type(), scope);
    if (shape instanceof Shape.Many many) {
      Map<String, Object> schema = ValueSchema.type("array");
      schema.put("items", element(key, many.of(), scope));
      return schema;
    }
    if (shape instanceof Shape.Table table) {
      Map<String, Object> schema = ValueSchema.type("object");
      schema.put("additionalProperties", element(key, table.of(), scope));
      return schema;
    }
    return ValueSchema.of(shape, key.min(), key.max());
  }

  /** A section in a list or a map may be written as nothing, if it needs nothing. */
  private Map<String, Object> element(Keys.One key, Shape shape, String scope) {
    Map<String, Object> schema = shape(key, shape, scope);
    boolean optional = shape instanceof Shape.Section section && required(section.type()).isEmpty();
    return optional ? nullable(schema) : schema;
  }

  private Map<String, Object> reference(Class<? extends Record> type, String scope) {
    String name = scope + "." + type.getSimpleName();
    for (int i = 2; named.getOrDefault(name, type) != type; i++) name = scope + "." + type.getSimpleName() + i;
    if (named.put(name, type) == null) {
      defs.put(name, Map.of());
      defs.put(name, section(type, scope));
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$ref", "#/$defs/" + name);
    return schema;
  }

  /** Keys that have to be written. */
  private static List<String> required(Class<? extends Record> type) {
    List<String> required = new ArrayList<>();
    for (Keys.One key : Keys.of(type).keys().values()) {
      boolean empty =
          key.shape() instanceof Shape.Maybe || key.shape() instanceof Shape.Many || key.shape() instanceof Shape.Table;
      if (key.value().isPresent() || empty) continue;
      if (key.shape() instanceof Shape.Section section && required(section.type()).isEmpty()) continue;
      required.add(key.name());
    }
    return required;
  }

  /** A key with nothing after it is a key that is not there. */
  private static Map<String, Object> nullable(Map<String, Object> schema) {
    Map<String, Object> or = new LinkedHashMap<>(schema);
    if (or.isEmpty()) return or;
    if (or.get("type") instanceof String type) {
      or.put("type", List.of(type, "null"));
      return or;
    }
    if (or.get("type") instanceof List<?> types) {
      List<Object> more = new ArrayList<>(types);
      more.add("null");
      or.put("type", more);
      return or;
    }
    List<Object> any = new ArrayList<>();
    if (or.get("anyOf") instanceof List<?> given) any.addAll(given);
    else any.add(schema);
    any.add(ValueSchema.type("null"));
    Map<String, Object> either = new LinkedHashMap<>();
    either.put("anyOf", any);
    return either;
  }

  private static Map<String, Object> properties(Map<String, Object> section) {
    return cast(section.get("properties"));
  }

  @SuppressWarnings("unchecked") // made here
  private static Map<String, Object> cast(Object map) {
    return (Map<String, Object>) map;
  }
}
