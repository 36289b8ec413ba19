package io.mop.engine.tap;

/**
 * Replaces the literals of a statement by {@code ?}: texts in single and double quotation marks (in MySQL the latter
 * are texts), dollar-quoted texts, numbers; comments vanish. What dialects read differently, a backslash before a
 * quotation mark, hides the rest of the statement.
 */
final class SqlLiterals {
  private SqlLiterals() {}

  static String mask(String sql) {
    StringBuilder b = new StringBuilder(sql.length());
    int n = sql.length();
    int i = 0;
    while (i < n) {
      char c = sql.charAt(i);
      if (c == '\'' || c == '"' || c == '\\') {
        int end = c == '\\' ? -1 : quoted(sql, i);
        b.append('?');
        if (end < 0) return b.toString();
        i = end;
      } else if (c == '$' && dollarTag(sql, i) > 0) {
        String tag = sql.substring(i, dollarTag(sql, i));
        int end = sql.indexOf(tag, i + tag.length());
        b.append('?');
        if (end < 0) return b.toString();
        i = end + tag.length();
      } else if (sql.startsWith("/*", i)) {
        int end = sql.indexOf("*/", i + 2);
        if (end < 0) return b.toString();
        i = end + 2;
      } else if (sql.startsWith("--", i) || c == '#') {
        int end = sql.indexOf('\n', i);
        if (end < 0) return b.toString();
        i = end;
      } else if (Character.isDigit(c) && (i == 0 || !word(sql.charAt(i - 1)) && sql.charAt(i - 1) != '$')) {
        while (i < n && (word(sql.charAt(i)) || sql.charAt(i) == '.')) i++;
        b.append('?');
      } else {
        b.append(c);
        i++;
      }
    }
    return b.toString();
  }

  /** The position after the text that begins at {@code at}; -1 if it does not end, or not surely there. */
  private static int quoted(String sql, int at) {
    char quote = sql.charAt(at);
    for (int i = at + 1; i < sql.length(); i++) {
      char c = sql.charAt(i);
      if (c == '\\' && i + 1 < sql.length() && (sql.charAt(i + 1) == quote || sql.charAt(i + 1) == '\\')) return -1;
      if (c != quote) continue;
      if (i + 1 == sql.length() || sql.charAt(i + 1) != quote) return i + 1;
      i++; // doubled: part of the text
    }
    return -1;
  }

  /** The position after {@code $tag$}, or 0: {@code $1} is a parameter. */
  private static int dollarTag(String sql, int at) {
    if (at > 0 && word(sql.charAt(at - 1))) return 0;
    for (int i = at + 1; i < sql.length(); i++) {
      char c = sql.charAt(i);
      if (c == '$') return i + 1;
      if (!word(c) || i == at + 1 && Character.isDigit(c)) return 0;
    }
    return 0;
  }

  private static boolean word(char c) {
    return Character.isLetterOrDigit(c) || c == '_';
  }
}
