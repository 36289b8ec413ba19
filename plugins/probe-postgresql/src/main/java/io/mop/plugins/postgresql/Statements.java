package io.mop.plugins.postgresql;

import io.mop.api.capture.Stream;
import io.mop.api.data.Text;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Statements of one connection by name, the one used longest ago gives way; bounded in number and in bytes. */
final class Statements {
  private final int maxCount;
  private final int maxBytes;
  private final Map<String, Statement> named = new LinkedHashMap<>(4, 0.75f, true);
  private Statement unnamed = Statement.UNKNOWN;
  private int bytes;

  Statements(int maxCount, int maxBytes) {
    this.maxCount = maxCount;
    this.maxBytes = maxBytes;
  }

  /** {@link Statement#UNKNOWN} if there is none. */
  Statement get(String name) {
    return name.isEmpty() ? unnamed : named.getOrDefault(name, Statement.UNKNOWN);
  }

  void put(String name, Statement statement) {
    if (name.isEmpty()) {
      unnamed = statement;
      return;
    }
    remove(name);
    named.put(name, statement);
    bytes += weight(name, statement);
    Iterator<Map.Entry<String, Statement>> eldest = named.entrySet().iterator();
    while (named.size() > maxCount || bytes > maxBytes) {
      Map.Entry<String, Statement> e = eldest.next();
      bytes -= weight(e.getKey(), e.getValue());
      eldest.remove();
    }
  }

  void remove(String name) {
    if (name.isEmpty()) {
      unnamed = Statement.UNKNOWN;
      return;
    }
    Statement removed = named.remove(name);
    if (removed != null) bytes -= weight(name, removed);
  }

  void clear() {
    named.clear();
    unnamed = Statement.UNKNOWN;
    bytes = 0;
  }

  private static int weight(String name, Statement statement) {
    return name.length() + statement.weight();
  }

  /** A name as the key of this table: one char a byte. */
  static String name(Stream in, int from, int to) throws Stream.Gap {
    if (from == to) return "";
    Text text = in.text(from, to);
    byte[] b = new byte[text.length()];
    text.copy(0, b.length, b, 0);
    return new String(b, StandardCharsets.ISO_8859_1);
  }
}
