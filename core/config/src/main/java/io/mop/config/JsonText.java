package io.mop.config;

import java.util.List;
import java.util.Map;

/** JSON (RFC 8259) for people and version control: two spaces, a line a member, in the order given. */
final class JsonText {
  private final StringBuilder out = new StringBuilder();

  private JsonText() {}

  /** @param value of maps, lists, texts, numbers and booleans */
  static String of(Object value) {
    var text = new JsonText();
    text.write(value, "\n");
    return text.out.append('\n').toString();
  }

  private void write(Object value, String margin) {
    if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      String separator = "{";
      for (Map.Entry<?, ?> member : map.entrySet()) {
        out.append(separator).append(margin).append("  ");
        text(member.getKey().toString());
        out.append(": ");
        write(member.getValue(), margin + "  ");
        separator = ",";
      }
      out.append(margin).append('}');
    } else if (value instanceof List<?> list && !list.isEmpty()) {
      String separator = "[";
      boolean flat = list.stream().noneMatch(v -> v instanceof Map || v instanceof List);
      for (Object element : list) {
        out.append(separator).append(flat ? "" : margin + "  ");
        write(element, margin + "  ");
        separator = flat ? ", " : ",";
      }
      out.append(flat ? "" : margin).append(']');
    } else if (value instanceof String s) {
      text(s);
    } else {
      out.append(value instanceof List ? "[]" : value instanceof Map ? "{}" : value);
    }
  }

  private void text(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') out.append('\\').append(c);
      else if (c < ' ' || Character.isSurrogate(c)) out.append(String.format("\\u%04x", (int) c));
      else out.append(c);
    }
    out.append('"');
  }
}
