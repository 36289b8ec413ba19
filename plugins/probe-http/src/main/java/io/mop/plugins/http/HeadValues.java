package io.mop.plugins.http;

import io.mop.api.capture.Masker.Values;
import io.mop.api.capture.Stream;
import java.util.Locale;
import java.util.Map;

/** Tells which bytes of a head are values. */
final class HeadValues {
  static final char MASK = 'x';
  /** Where a status line's reason begins, but for a blank. */
  private static final int STATUS = "HTTP/1.1 200".length();
  private static final int LONGEST_NAME = 64;
  private static final String DIGITS = "0123456789";
  private static final String WORDS = DIGITS + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ \t,-._/";

  /** Headers that frame messages, or that spans tell, and of which characters what they say consists. */
  private static final Map<String, String> KEPT = Map.of(
      "content-length", DIGITS + " \t,", "transfer-encoding", WORDS, "connection", WORDS, "upgrade", WORDS,
      "traceparent", DIGITS + "abcdef- \t", "host", WORDS + ":[]%");

  private HeadValues() {}

  /** The reason of a status line. */
  static void reason(Stream in, Values out) throws Stream.Gap {
    int to = end(in, in.find((byte) '\n', 0, in.length()));
    if (to > STATUS + 1) out.mask(STATUS + 1, to, MASK);
  }

  /** The headers between the start line and {@code end}. */
  static void mask(Stream in, int end, Values out) throws Stream.Gap {
    int from = in.find((byte) '\n', 0, end) + 1;
    for (int lf; from < end && (lf = in.find((byte) '\n', from, end)) >= 0; from = lf + 1) {
      field(in, from, end(in, lf), out);
    }
  }

  private static int end(Stream in, int lf) throws Stream.Gap {
    return lf > 0 && in.at(lf - 1) == '\r' ? lf - 1 : lf;
  }

  /** A header, trailer or continued line: of one that has no name, all is a value. */
  static void field(Stream in, int from, int to, Values out) throws Stream.Gap {
    int colon = in.find((byte) ':', from, Math.min(to, from + LONGEST_NAME));
    for (int i = from; i < colon; i++) if (!StartLine.isToken(in.at(i))) colon = -1;
    if (colon <= from) {
      if (to > from) out.mask(from, to, MASK);
      return;
    }
    String kept = KEPT.getOrDefault(name(in, from, colon), "");
    int value = Head.skipBlanks(in, colon + 1, to);
    // User information of a Host header.
    for (int at; (at = in.find((byte) '@', value, to)) >= 0; value = at + 1) out.mask(value, at, MASK);
    for (int i = value; i < to; i++) if (kept.indexOf(in.at(i)) < 0) out.mask(i, i + 1, MASK);
  }

  private static String name(Stream in, int from, int to) throws Stream.Gap {
    StringBuilder name = new StringBuilder(to - from);
    for (int i = from; i < to; i++) name.append((char) in.at(i));
    return name.toString().toLowerCase(Locale.ROOT);
  }

  /** A request's target: of it the path stays, the names of parameters, and where it goes to. */
  static final class Target {
    private Target() {}

    static void mask(Stream in, int from, int to, Values out) throws Stream.Gap {
      int end = path(in, from, to, out);
      int hash = in.find((byte) '#', end, to);
      if (hash >= 0) out.mask(hash + 1, to, MASK);
      if (end < to && in.at(end) == '?') query(in, end + 1, hash < 0 ? to : hash, out);
    }

    /** User information, and parameters of the path; where a query or fragment begins. */
    private static int path(Stream in, int from, int to, Values out) throws Stream.Gap {
      int end = from;
      while (end < to && in.at(end) != '?' && in.at(end) != '#') end++;
      int authority = from;
      int slashes = in.find((byte) '/', from, end);
      boolean absolute = slashes > from && slashes + 1 < end && in.at(slashes + 1) == '/';
      if (absolute) authority = slashes + 2;
      if (absolute || in.at(from) != '/') {
        int host = in.find((byte) '/', authority, end);
        int last = -1;
        for (int i = authority; i < (host < 0 ? end : host); i++) if (in.at(i) == '@') last = i;
        if (last > authority) out.mask(authority, last, MASK);
      }
      boolean parameter = false;
      for (int i = authority; i < end; i++) {
        byte b = in.at(i);
        if (parameter && b != '/') out.mask(i, i + 1, MASK);
        parameter = b == ';' || parameter && b != '/';
      }
      return end;
    }

    /** Names stay that {@link Query} tells. */
    private static void query(Stream in, int from, int to, Values out) throws Stream.Gap {
      while (from < to) {
        int end = in.find((byte) '&', from, to);
        if (end < 0) end = to;
        int equals = in.find((byte) '=', from, end);
        boolean named = equals > from && !isValue(in, from, equals);
        int value = named ? equals + 1 : from;
        if (end > value) out.mask(value, end, MASK);
        from = end + 1;
      }
    }

    private static boolean isValue(Stream in, int from, int to) throws Stream.Gap {
      byte[] name = new byte[to - from];
      in.text(from, to).copy(0, name.length, name, 0);
      return Route.isValue(name, 0, name.length);
    }
  }
}
