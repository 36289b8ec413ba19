package io.mop.plugins.filter;

import io.mop.api.data.Fields;
import io.mop.api.data.Logs;
import io.mop.api.data.Points;
import io.mop.api.data.Spans;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** What a condition can speak of: an OTTL context. */
enum Scope {
  SPAN("span"),
  METRIC("metric"),
  DATAPOINT("datapoint"),
  LOG("log");

  /** OTTL's enums: span.proto, logs.proto, metrics.proto. */
  static final Map<String, Long> ENUMS = new LinkedHashMap<>();

  static {
    String[] kinds = {"UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"};
    for (int i = 0; i < kinds.length; i++) ENUMS.put("SPAN_KIND_" + kinds[i], (long) i);
    String[] codes = {"UNSET", "OK", "ERROR"};
    for (int i = 0; i < codes.length; i++) ENUMS.put("STATUS_CODE_" + codes[i], (long) i);
    ENUMS.put("SEVERITY_NUMBER_UNSPECIFIED", 0L);
    String[] levels = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};
    for (int i = 0; i < 24; i++) {
      ENUMS.put("SEVERITY_NUMBER_" + levels[i / 4] + (i % 4 == 0 ? "" : i % 4 + 1), i + 1L);
    }
    String[] types = {"NONE", "GAUGE", "SUM", "HISTOGRAM", "EXPONENTIAL_HISTOGRAM", "SUMMARY"};
    for (int i = 0; i < types.length; i++) ENUMS.put("METRIC_DATA_TYPE_" + types[i], (long) i);
  }

  /** The name before a path that says whose it is. */
  final String prefix;
  /** Paths without a key, by name. */
  final Map<String, Supplier<Operand>> paths = new LinkedHashMap<>();

  Scope(String prefix) {
    this.prefix = prefix;
    switch (prefix) {
      case "span" -> {
        own("name", () -> Operand.text(i -> ((Spans) i).name()));
        own("kind", () -> Operand.integer(i -> ((Spans) i).kind()));
        own("status.code", () -> Operand.integer(i -> ((Spans) i).status()));
        own("start_time_unix_nano", () -> Operand.integer(i -> ((Spans) i).start()));
        own("end_time_unix_nano", () -> Operand.integer(i -> ((Spans) i).end()));
      }
      case "log" -> {
        own("severity_number", () -> Operand.integer(i -> ((Logs) i).severity()));
        own("severity_text", () -> Operand.text(i -> ((Logs) i).severityText()));
        own("body", () -> Operand.value(i -> ((Logs) i).body()));
        own("time_unix_nano", () -> Operand.integer(i -> ((Logs) i).time()));
      }
      case "metric" -> {
        own("name", metricName());
        own("unit", metricUnit());
        own("type", metricType());
      }
      default -> {
        paths.put("metric.name", metricName());
        paths.put("metric.unit", metricUnit());
        paths.put("metric.type", metricType());
        own("time_unix_nano", () -> Operand.integer(i -> ((Points) i).time()));
      }
    }
  }

  private static Supplier<Operand> metricName() {
    return () -> Operand.text(i -> ((Points) i).name());
  }

  private static Supplier<Operand> metricUnit() {
    return () -> Operand.text(i -> ((Points) i).unit());
  }

  private static Supplier<Operand> metricType() {
    return () -> Operand.integer(i -> ((Points) i).type().ordinal() + 1);
  }

  private void own(String name, Supplier<Operand> path) {
    paths.put(name, path);
    paths.put(prefix + "." + name, path);
  }

  /** An attribute path such as {@code resource.attributes}, or empty text where an item has no attributes. */
  Function<String, Operand> attributes(String path) {
    return switch (path) {
      case "resource.attributes" -> key -> Operand.attribute(f -> f.resource(key));
      case "scope.attributes", "instrumentation_scope.attributes" -> key -> Operand.attribute(f -> f.scope(key));
      default -> key -> Operand.attribute((Fields f) -> f.item(key));
    };
  }

  boolean isAttributes(String path) {
    if (path.equals("resource.attributes") || path.equals("scope.attributes")) return true;
    if (path.equals("instrumentation_scope.attributes")) return true;
    return this != METRIC && (path.equals("attributes") || path.equals(prefix + ".attributes"));
  }

  /** What a value can be, for errors. */
  String words() {
    StringBuilder words = new StringBuilder(this == METRIC ? "" : "attributes[\"…\"], ");
    words.append("resource.attributes[\"…\"]");
    for (String path : paths.keySet()) {
      if (this == DATAPOINT || !path.startsWith(prefix + ".")) words.append(", ").append(path);
    }
    return words.toString();
  }
}
