package io.mop.config;

import io.mop.config.Shape.Plain;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * JSON Schema of single values, as wide as {@link Scalars} reads them: a number may be written as text, and a
 * substitution such as {@code ${env:PORT}} may stand for any.
 */
final class ValueSchema {
  /** What holds a substitution says its type only when it is read. */
  private static final String SUBSTITUTED = "\\$\\{";

  private ValueSchema() {}

  static Map<String, Object> of(Shape shape, long min, long max) {
    if (shape instanceof Shape.Choice choice) return choice(choice);
    return switch ((Plain) shape) {
      case TEXT, TYPED -> type("string", "number", "boolean");
      case SECRET -> secret();
      case BOOLEAN -> either(type("boolean"), pattern("^(true|false)$"));
      case INT ->
          either(number("integer", Math.max(min, Integer.MIN_VALUE), Math.min(max, Integer.MAX_VALUE)),
              pattern("^[+-]?[0-9]{1,19}$"));
      case LONG -> either(number("integer", min, max), pattern("^[+-]?[0-9]{1,19}$"));
      case DOUBLE ->
          either(number("number", min, max),
              pattern("^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?$"));
      case DURATION ->
          min > 0
              ? pattern("^([0-9]+(\\.[0-9]+)?(ns|us|µs|μs|ms|s|m|h))+$")
              : either(Map.of("const", 0), pattern("^(0|([0-9]+(\\.[0-9]+)?(ns|us|µs|μs|ms|s|m|h))+)$"));
      case SIZE -> either(number("integer", Math.max(min, 0), max), pattern("^[0-9]{1,19} ?([KMGT]i?B|B)?$"));
      case ANY -> new LinkedHashMap<>();
    };
  }

  /** How a default of {@code shape} is written in JSON. */
  static Object value(Shape shape, String text) {
    Shape of = shape instanceof Shape.Maybe maybe ? maybe.of() : shape;
    if (!(of instanceof Plain plain)) return text;
    Optional<Object> value = Scalars.value(text, plain, Long.MIN_VALUE, Long.MAX_VALUE);
    return switch (plain) {
      case BOOLEAN, INT, LONG, DOUBLE -> value.orElse(text);
      default -> text;
    };
  }

  static Map<String, Object> type(String... types) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", types.length == 1 ? types[0] : List.of(types));
    return schema;
  }

  private static Map<String, Object> secret() {
    Map<String, Object> schema = type("string", "number", "boolean");
    schema.put("writeOnly", true);
    return schema;
  }

  private static Map<String, Object> number(String type, long min, long max) {
    Map<String, Object> schema = type(type);
    if (min != Long.MIN_VALUE) schema.put("minimum", min);
    if (max != Long.MAX_VALUE) schema.put("maximum", max);
    return schema;
  }

  private static Map<String, Object> pattern(String pattern) {
    Map<String, Object> schema = type("string");
    schema.put("pattern", pattern + "|" + SUBSTITUTED);
    return schema;
  }

  /** The names, for completion; any case and {@code -} for {@code _} are read too. */
  private static Map<String, Object> choice(Shape.Choice choice) {
    List<String> patterns = new ArrayList<>();
    for (String name : choice.names()) {
      var any = new StringBuilder();
      for (char c : name.toCharArray()) {
        if (c == '_') any.append("[_-]");
        else if (Character.isLetter(c)) any.append('[').append(c).append(Character.toUpperCase(c)).append(']');
        else any.append(c);
      }
      patterns.add(any.toString());
    }
    Map<String, Object> names = new LinkedHashMap<>();
    names.put("enum", choice.names());
    return either(names, pattern("^(" + String.join("|", patterns) + ")$"));
  }

  private static Map<String, Object> either(Map<String, Object> a, Map<String, Object> b) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("anyOf", List.of(a, b));
    return schema;
  }
}
