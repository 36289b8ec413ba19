package io.mop.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The spans that a recording gives, as YAML; times in nanoseconds since it began. */
final class GoldenFile {
  private static final String WRITE = "mop.golden";
  private static final List<String> KINDS = List.of("unspecified", "internal", "server", "client");
  private static final List<String> STATUS = List.of("unset", "ok", "error");

  private final Class<?> test;
  private final String resource;

  /** @param test its package is where a relative name is looked for */
  GoldenFile(Class<?> test, String resource) {
    this.test = test;
    this.resource = resource;
  }

  /** Whether files are written anew. */
  static boolean writes() {
    return "write".equals(System.getProperty(WRITE));
  }

  private Path source() {
    String folder = resource.startsWith("/") ? "" : test.getPackageName().replace('.', '/') + "/";
    return Path.of("src/test/resources", folder + resource.replaceFirst("^/", ""));
  }

  List<TestSpan> read() {
    try (InputStream in = writes() ? Files.newInputStream(source()) : test.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException(
            "there is no resource " + resource + " for " + test.getName() + "; -D" + WRITE + "=write writes it");
      }
      List<TestSpan> spans = new ArrayList<>();
      Object all = new Load(LoadSettings.builder().setLabel(resource).build()).loadFromInputStream(in);
      if (all == null) return spans;
      for (Object span : (List<?>) all) spans.add(span((Map<?, ?>) span));
      return spans;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private TestSpan span(Map<?, ?> map) {
    Map<String, Object> attributes = new TreeMap<>();
    Object given = map.get("attributes");
    if (given instanceof Map<?, ?> m) m.forEach((k, v) -> attributes.put(k.toString(), value(v)));
    String trace = text(map, "trace", "0".repeat(32));
    TestSpan span = TestSpan.of(text(map, "name", ""))
        .ids(hex(trace.substring(0, 16)), hex(trace.substring(16)), 0, hex(text(map, "parent", "0")))
        .kind(index(KINDS, map, "kind"))
        .status(index(STATUS, map, "status"));
    return span.times(number(map, "start"), number(map, "end")).attributes(attributes);
  }

  private static Object value(Object v) {
    return v instanceof Number n ? (Object) n.longValue() : v.toString();
  }

  private static long hex(String digits) {
    return Long.parseUnsignedLong(digits, 16);
  }

  private static String text(Map<?, ?> map, String key, String otherwise) {
    return map.containsKey(key) ? map.get(key).toString() : otherwise;
  }

  private long number(Map<?, ?> map, String key) {
    if (map.get(key) instanceof Number n) return n.longValue();
    throw new IllegalArgumentException(resource + ": a span has no number for " + key);
  }

  private int index(List<String> names, Map<?, ?> map, String key) {
    int i = names.indexOf(text(map, key, ""));
    if (i < 0) throw new IllegalArgumentException(resource + ": " + key + " of a span is none of " + names);
    return i;
  }

  void write(List<TestSpan> spans) {
    StringBuilder yaml = new StringBuilder("# Spans of the recording; -D" + WRITE + "=write writes them anew.\n");
    if (spans.isEmpty()) yaml.append("[]\n");
    for (TestSpan s : spans) {
      yaml.append("- name: ").append(quoted(s.name())).append('\n');
      yaml.append("  kind: ").append(KINDS.get(s.kind())).append('\n');
      yaml.append("  status: ").append(STATUS.get(s.status())).append('\n');
      yaml.append("  start: ").append(s.start()).append('\n');
      yaml.append("  end: ").append(s.end()).append('\n');
      if (s.parentId() != 0) {
        yaml.append("  trace: \"%016x%016x\"%n".formatted(s.traceHigh(), s.traceLow()));
        yaml.append("  parent: \"%016x\"%n".formatted(s.parentId()));
      }
      if (!s.attributes().isEmpty()) yaml.append("  attributes:\n");
      new TreeMap<>(s.attributes()).forEach((k, v) ->
          yaml.append("    ").append(k).append(": ").append(v instanceof Long ? v : quoted(v.toString())).append('\n'));
    }
    try {
      Files.createDirectories(source().getParent());
      Files.writeString(source(), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A text in double quotes. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') quoted.append('\\').append(c);
      else if (c < ' ' || c > '~') quoted.append("\\u%04x".formatted((int) c));
      else quoted.append(c);
    }
    return quoted.append('"').toString();
  }
}
