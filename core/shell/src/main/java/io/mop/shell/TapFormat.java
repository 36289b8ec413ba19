package io.mop.shell;

import io.mop.api.data.Signal;
import io.mop.control.Tap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** One line for one item. */
final class TapFormat {
  private TapFormat() {}

  // ---- for people

  static String text(Tap.Seen seen, boolean diff) {
    StringBuilder b = new StringBuilder();
    if (diff) b.append(seen.dropped().isPresent() ? "- " : seen.changes().isEmpty() ? "= " : "~ ");
    Map<String, Object> fields = new LinkedHashMap<>(seen.item().fields());
    head(seen.item(), fields, b);
    if (diff) {
      seen.dropped().ifPresent(reason -> b.append(" dropped: ").append(reason));
      for (Tap.Change c : seen.changes()) change(c, b);
      return b.toString();
    }
    pairs(fields, b);
    pairs(seen.item().attributes(), b);
    Map<String, Object> resource = new LinkedHashMap<>(seen.item().resource());
    resource.remove("service.name");
    if (!resource.isEmpty()) pairs(resource, b.append(" |"));
    return b.toString();
  }

  private static void head(Tap.Item item, Map<String, Object> fields, StringBuilder b) {
    b.append(item.time() == 0 ? "-" : time(item.time())).append(' ').append(name(item.signal()));
    b.append(' ').append(item.service().isEmpty() ? "-" : quoted(item.service()));
    b.append(' ').append(item.name().isEmpty() ? "-" : '"' + Table.cell(item.name()) + '"');
    if (item.signal() == Signal.TRACES) {
      b.append(' ').append(fields.remove("kind")).append(' ').append(fields.remove("status"));
      if (fields.remove("duration_nanos") instanceof Long nanos) b.append(' ').append(duration(nanos));
    }
  }

  private static void pairs(Map<String, Object> pairs, StringBuilder b) {
    pairs.forEach((key, value) -> b.append(' ').append(Table.cell(key)).append('=').append(quoted(value)));
  }

  private static void change(Tap.Change c, StringBuilder b) {
    String key = (c.where().equals("attribute") ? "" : c.where() + ":") + Table.cell(c.key());
    if (c.before().isEmpty()) b.append(" +").append(key).append('=').append(quoted(c.after().orElse("")));
    else if (c.after().isEmpty()) b.append(" -").append(key).append('=').append(quoted(c.before().get()));
    else {
      b.append(' ').append(key).append('=').append(quoted(c.before().get()));
      b.append('→').append(quoted(c.after().get()));
    }
  }

  private static String quoted(Object value) {
    String text = Table.cell(String.valueOf(value));
    return value instanceof String && (text.isEmpty() || text.contains(" ")) ? '"' + text + '"' : text;
  }

  private static String duration(long nanos) {
    if (Math.abs(nanos) < 1_000_000) return String.format(Locale.ROOT, "%.1fµs", nanos / 1e3);
    if (Math.abs(nanos) < 1_000_000_000) return String.format(Locale.ROOT, "%.1fms", nanos / 1e6);
    return String.format(Locale.ROOT, "%.2fs", nanos / 1e9);
  }

  private static String name(Signal signal) {
    return signal.name().toLowerCase(Locale.ROOT);
  }

  /** Times are unsigned on the wire. */
  private static String time(long nanos) {
    return Instant.ofEpochSecond(
            Long.divideUnsigned(nanos, 1_000_000_000), Long.remainderUnsigned(nanos, 1_000_000_000))
        .toString();
  }

  // ---- for programs

  static String json(Tap.Seen seen, boolean diff) {
    Tap.Item item = seen.item();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("time", item.time() == 0 ? null : time(item.time()));
    json.put("signal", name(item.signal()));
    json.put("service", item.service());
    json.put("name", item.name());
    json.putAll(item.fields());
    json.put("attributes", item.attributes());
    json.put("scope", item.scope());
    json.put("resource", item.resource());
    if (diff) {
      json.put("dropped", seen.dropped().orElse(null));
      json.put("changes", seen.changes().stream().map(TapFormat::json).toList());
    }
    return Json.of(finite(json));
  }

  private static Map<String, Object> json(Tap.Change c) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("where", c.where());
    json.put("key", c.key());
    c.before().ifPresent(v -> json.put("before", v));
    c.after().ifPresent(v -> json.put("after", v));
    return json;
  }

  /** JSON has no NaN and no infinity: they are texts. */
  private static Object finite(Object value) {
    if (value instanceof Double d && !Double.isFinite(d)) return d.toString();
    if (value instanceof List<?> list) {
      List<Object> all = new ArrayList<>();
      for (Object v : list) all.add(finite(v));
      return all;
    }
    if (value instanceof Map<?, ?> map) {
      Map<String, Object> all = new LinkedHashMap<>();
      map.forEach((k, v) -> all.put(k.toString(), finite(v)));
      return all;
    }
    return value;
  }

  // ---- edges

  static String edges(List<Tap.Edge> edges, boolean json) {
    if (json) return Json.of(Map.of("edges", edges.stream().map(TapFormat::json).toList())) + "\n";
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("EDGE", "SIGNALS", "PIPELINES"));
    for (Tap.Edge e : edges) {
      rows.add(List.of(e.path(), String.join(", ", signals(e)), String.join(", ", e.pipelines())));
    }
    return Table.of(rows, 3, 0);
  }

  private static Map<String, Object> json(Tap.Edge e) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("edge", e.path());
    json.put("signals", signals(e));
    json.put("pipelines", List.copyOf(e.pipelines()));
    return json;
  }

  private static List<String> signals(Tap.Edge e) {
    return e.signals().stream().map(TapFormat::name).toList();
  }

  /** What was not shown; empty if all was. */
  static Optional<String> summary(long passed, long lookedAt, long shown, boolean matching) {
    if (passed == shown) return Optional.empty();
    String looked = matching ? lookedAt + " were looked at, " : "";
    return Optional.of("mop: " + passed + " items passed, " + looked + shown + " were shown.");
  }
}
