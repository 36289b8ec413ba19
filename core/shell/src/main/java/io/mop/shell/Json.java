package io.mop.shell;

import java.util.List;
import java.util.Map;

/** JSON (RFC 8259) on one line, of maps, lists, texts, numbers, booleans and null; control characters are escaped. */
final class Json {
  private Json() {}

  static String of(Object value) {
    return write(value, new StringBuilder()).toString();
  }

  private static StringBuilder write(Object value, StringBuilder b) {
    if (value instanceof Map<?, ?> map) {
      String separator = "{";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        text(entry.getKey().toString(), b.append(separator)).append(':');
        write(entry.getValue(), b);
        separator = ",";
      }
      return b.append(map.isEmpty() ? "{}" : "}");
    }
    if (value instanceof List<?> list) {
      String separator = "[";
      for (Object element : list) {
        write(element, b.append(separator));
        separator = ",";
      }
      return b.append(list.isEmpty() ? "[]" : "]");
    }
    return value instanceof String text ? text(text, b) : b.append(value);
  }

  private static StringBuilder text(String text, StringBuilder b) {
    b.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        b.append('\\').append(c);
      } else if (c < ' ' || c >= 0x7f && c < 0xa0 || Character.isSurrogate(c)) {
        b.append(String.format("\\u%04x", (int) c));
      } else {
        b.append(c);
      }
    }
    return b.append('"');
  }
}
