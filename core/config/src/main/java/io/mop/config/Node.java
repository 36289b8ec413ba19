package io.mop.config;

import java.util.List;
import java.util.Map;

/** A YAML value after substitution, with its place in the file; line and column count from 1. */
sealed interface Node {
  int line();

  int column();

  /** What the value costs with its aliases expanded; see {@link Yaml}. */
  long weight();

  /** As an error names it, e.g. {@code a list}; never the value. */
  String kind();

  /** Appends a text that is equal for equal values and different for different ones. It holds secrets. */
  void canonical(StringBuilder out);

  /** What a scalar is. */
  enum Form {
    TEXT,
    /** Nothing, {@code ~} or {@code null}. */
    NULL,
    /** A substitution failed, which is already reported. */
    BROKEN
  }

  /**
   * @param text after substitution: may hold what must not be printed
   * @param written as in the file, which is what errors show
   * @param quoted in quotes or a block: text even if it looks like a number
   */
  record Scalar(String text, String written, Form form, boolean quoted, int line, int column, long weight)
      implements Node {
    static Scalar of(String text, int line, int column) {
      return new Scalar(text, text, Form.TEXT, false, line, column, 1);
    }

    /** A String, Long, Double or Boolean, as YAML 1.2's core schema has it. */
    Object typed() {
      return quoted ? text : Scalars.typed(text);
    }

    @Override
    public String kind() {
      return form == Form.NULL ? "nothing" : "'" + Names.printable(written) + "'";
    }

    @Override
    public void canonical(StringBuilder out) {
      if (form == Form.NULL) {
        out.append("null");
        return;
      }
      if (!(typed() instanceof String)) out.append(text.length()).append(':');
      quote(text, out);
    }

    @Override
    public String toString() {
      return kind();
    }
  }

  /** A list. */
  record Items(List<Node> values, int line, int column, long weight) implements Node {
    @Override
    public String kind() {
      return "a list";
    }

    @Override
    public void canonical(StringBuilder out) {
      out.append('[');
      for (Node value : values) {
        value.canonical(out);
        out.append(',');
      }
      out.append(']');
    }
  }

  /** A map, in the order of the file. */
  record Mapping(Map<String, Entry> entries, int line, int column, long weight) implements Node {
    @Override
    public String kind() {
      return "a map";
    }

    @Override
    public void canonical(StringBuilder out) {
      out.append('{');
      entries.forEach(
          (key, entry) -> {
            quote(key, out);
            out.append(':');
            entry.value().canonical(out);
            out.append(',');
          });
      out.append('}');
    }
  }

  /** The value of a key; the place is the key's. */
  record Entry(Node value, int line, int column) {}

  /** Nothing written: all defaults. */
  static Node nothing(int line) {
    return new Scalar("", "", Form.NULL, false, line, 1, 1);
  }

  default boolean isNull() {
    return this instanceof Scalar s && s.form() == Form.NULL;
  }

  private static void quote(String text, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') out.append('\\');
      out.append(c);
    }
    out.append('"');
  }
}
