package io.mop.capture;

import java.util.List;

/** Protocols of text. */
final class TextPatterns {
  private static final List<String> METHODS =
      List.of("GET ", "POST ", "PUT ", "HEAD ", "DELETE ", "OPTIONS ", "PATCH ", "TRACE ", "CONNECT ");
  private static final String VERSION = " HTTP/1.";
  /** Of a request line without an end: enough not to be a word of another protocol. */
  private static final int LONG_LINE = 32;

  private TextPatterns() {}

  static Recognition http(Prefix p) {
    if (response(p)) return Recognition.when(true, WireKind.HTTP1, Role.SERVER);
    for (String method : METHODS) {
      if (p.has(0, method)) return Recognition.when(request(p, method.length()), WireKind.HTTP1, Role.CLIENT);
    }
    return Recognition.UNKNOWN;
  }

  private static boolean response(Prefix p) {
    if (!p.has(0, "HTTP/1.0 ") && !p.has(0, "HTTP/1.1 ")) return false;
    for (int i = 9; i < 12; i++) if (!digit(p.at(i))) return false;
    return true;
  }

  private static boolean request(Prefix p, int target) {
    int cr = p.find('\r', target);
    if (cr >= 0) return p.printable(0, cr) && p.has(cr - VERSION.length() - 1, VERSION) && digit(p.at(cr - 1));
    boolean path = p.at(target) == '/' || p.has(target, "http://");
    return path && p.length() >= LONG_LINE && p.printable(0, p.length());
  }

  /**
   * An array of bulk strings, its first one whole or longer than the prefix: a request, but also many a response, so
   * that it does not tell the role.
   */
  static Recognition redis(Prefix p) {
    int bulk = p.at(0) == '*' ? line(p, 1) : -1;
    int text = bulk > 0 && p.at(bulk) == '$' ? line(p, bulk + 1) : -1;
    if (text < 0 || p.at(text) < 0) return Recognition.UNKNOWN;
    int end = text + number(p, bulk + 1);
    boolean ends = end >= p.length() || p.at(end) == '\r';
    return Recognition.when(ends && number(p, 1) > 0 && end > text, WireKind.REDIS, Role.UNKNOWN);
  }

  /** Where the line of 1 to 7 digits that begins at {@code at} has its end; -1 if there is none. */
  private static int line(Prefix p, int at) {
    int i = at;
    while (digit(p.at(i)) && i - at < 7) i++;
    return i > at && p.has(i, "\r\n") ? i + 2 : -1;
  }

  private static int number(Prefix p, int at) {
    int n = 0;
    for (int i = at; digit(p.at(i)); i++) n = n * 10 + p.at(i) - '0';
    return n;
  }

  private static boolean digit(int b) {
    return b >= '0' && b <= '9';
  }
}
