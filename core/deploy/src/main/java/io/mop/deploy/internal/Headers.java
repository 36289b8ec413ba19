package io.mop.deploy.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Manifest headers of the form {@code path;path;attribute=value;directive:="value", …} (OSGi Core 8, 3.2.4). */
final class Headers {
  private Headers() {}

  /** One clause; the type of a typed attribute ({@code version:Version=1}) is left out. */
  record Clause(List<String> paths, Map<String, String> attributes, Map<String, String> directives) {
    boolean optional() {
      return "optional".equals(directives.get("resolution"));
    }
  }

  /**
   * The clauses of {@code header}; null or blank has none.
   *
   * @throws IllegalArgumentException if a quotation mark is not closed or a clause has no path
   */
  static List<Clause> parse(String header) {
    List<Clause> clauses = new ArrayList<>();
    if (header == null || header.isBlank()) return clauses;
    for (String text : split(header, ',')) {
      List<String> paths = new ArrayList<>();
      Map<String, String> attributes = new LinkedHashMap<>();
      Map<String, String> directives = new LinkedHashMap<>();
      for (String part : split(text, ';')) {
        int equals = part.indexOf('=');
        if (equals < 0) {
          if (!part.isBlank()) paths.add(part.strip());
          continue;
        }
        String value = unquote(part.substring(equals + 1).strip());
        String key = part.substring(0, equals).strip();
        if (key.endsWith(":")) {
          directives.put(key.substring(0, key.length() - 1).strip(), value);
        } else {
          int type = key.indexOf(':');
          attributes.put(type < 0 ? key : key.substring(0, type).strip(), value);
        }
      }
      if (paths.isEmpty()) throw new IllegalArgumentException("a clause without a name: \"" + text.strip() + "\"");
      clauses.add(new Clause(List.copyOf(paths), Map.copyOf(attributes), Map.copyOf(directives)));
    }
    return clauses;
  }

  private static List<String> split(String text, char separator) {
    List<String> parts = new ArrayList<>();
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '\\') i++;
      else if (c == '"') quoted = !quoted;
      else if (c == separator && !quoted) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    if (quoted) throw new IllegalArgumentException("a quotation mark is not closed");
    parts.add(text.substring(start));
    return parts;
  }

  private static String unquote(String value) {
    if (value.length() < 2 || value.charAt(0) != '"' || !value.endsWith("\"")) return value;
    StringBuilder plain = new StringBuilder();
    for (int i = 1; i < value.length() - 1; i++) {
      char c = value.charAt(i);
      plain.append(c == '\\' && i < value.length() - 2 ? value.charAt(++i) : c);
    }
    return plain.toString();
  }
}
