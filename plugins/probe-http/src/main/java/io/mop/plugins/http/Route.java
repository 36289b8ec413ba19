package io.mop.plugins.http;

import io.mop.api.data.Text;
import java.util.Arrays;

/**
 * Guesses the route behind a path: segments that look like values become {@code {id}}, {@code {date}} or {@code
 * {email}}, those that look like words stay. Bytes do not tell what the server's router matched.
 */
final class Route {
  private static final Text ID = Text.of("{id}");
  private static final Text DATE = Text.of("{date}");
  private static final Text EMAIL = Text.of("{email}");
  private static final Text WORD = Text.of("");

  /** Longer segments are no words of an API. */
  private static final int LONGEST_WORD = 40;
  /** As many hex digits in a row are a hash or part of a UUID, if one is a digit. */
  private static final int HASH = 8;
  /** Years and counters. */
  private static final int NUMBER = 4;
  private static final int LONGEST_EXTENSION = 5;
  private static final int LONGEST_VERSION = 8;

  private Route() {}

  /** The path itself if all of it stays. */
  static Text of(Text path) {
    byte[] in = new byte[path.length()];
    path.copy(0, in.length, in, 0);
    byte[] out = new byte[0];
    int size = 0;
    for (int from = 0; from < in.length; ) {
      int to = from + 1;
      while (to < in.length && in[to] != '/') to++;
      int start = in[from] == '/' ? from + 1 : from;
      boolean email = isEmail(in, start, to);
      int extension = email ? to : extension(in, start, to);
      Text kind = email ? EMAIL : kind(in, start, extension);
      if (kind != WORD && out.length == 0) {
        out = Arrays.copyOf(in, in.length * 4 + EMAIL.length());
        size = from;
      }
      if (out.length > 0) {
        int word = kind == WORD ? extension : start;
        System.arraycopy(in, from, out, size, word - from);
        size += word - from;
        kind.copy(0, kind.length(), out, size);
        size += kind.length();
        System.arraycopy(in, extension, out, size, to - extension);
        size += to - extension;
      }
      from = to;
    }
    return out.length == 0 ? path : Text.of(Arrays.copyOf(out, size));
  }

  /** Where the dot of a file's extension is; the end if there is none. */
  private static int extension(byte[] b, int from, int to) {
    int dot = to - 1;
    while (dot > from && b[dot] != '.') dot--;
    int n = to - dot - 1;
    if (dot <= from || n < 1 || n > LONGEST_EXTENSION || !isLetter(b[dot + 1])) return to;
    for (int i = dot + 1; i < to; i++) if (!isLetter(b[i]) && !isDigit(b[i])) return to;
    return dot;
  }

  /** Whether a name, e.g. of a parameter, may be a value. */
  static boolean isValue(byte[] b, int from, int to) {
    return isEmail(b, from, to) || kind(b, from, to) != WORD;
  }

  /** {@code eve@example.com}, also as {@code eve%40example.com}; {@code logo@2x.png} is none. */
  private static boolean isEmail(byte[] b, int from, int to) {
    int at = -1;
    for (int i = from + 1; i < to; i++) {
      if (b[i] == '@') at = i;
      else if (i + 2 < to && b[i] == '%' && b[i + 1] == '4' && b[i + 2] == '0') at = i + 2;
      else if (b[i] == '.' && at >= 0) return isLetter(b[at + 1]);
    }
    return false;
  }

  private static Text kind(byte[] b, int from, int to) {
    if (to - from > LONGEST_WORD) return ID;
    int digits = 0;
    int lower = 0;
    int upper = 0;
    int humps = 0;
    for (int i = from; i < to; i++) {
      byte c = b[i];
      if (c <= ' ' || c == 0x7f || c == '%') return ID;
      if (isDigit(c)) digits++;
      else if (c >= 'a' && c <= 'z') lower++;
      else if (c >= 'A' && c <= 'Z') upper++;
      if (i > from && c >= 'A' && c <= 'Z' && !(b[i - 1] >= 'A' && b[i - 1] <= 'Z')) humps++;
    }
    int n = to - from;
    if (isDate(b, from, to)) return DATE;
    if (digits == 0) return n >= 2 * HASH && humps * 4 >= n ? ID : WORD;
    if (lower + upper > 0 && digits < NUMBER && isVersion(b, from, to)) return WORD;
    if (lower + upper == 0 || hasNumber(b, from, to)) return ID;
    boolean mixed = digits >= 2 && upper > 0 && lower > 0 && n > HASH;
    return mixed || digits >= 3 && n >= 2 * HASH ? ID : WORD;
  }

  /** {@code 2026-11} and {@code 2026-11-24}, also with a time of the day. */
  private static boolean isDate(byte[] b, int from, int to) {
    int n = to - from;
    if (n != 7 && n < 10 || b[from + 4] != '-') return false;
    for (int i = from; i < from + Math.min(n, 10); i++) {
      if (i - from == 7 ? b[i] != '-' : i - from != 4 && !isDigit(b[i])) return false;
    }
    return n <= 10 || b[from + 10] == 'T';
  }

  /** {@code v1}, {@code v2beta1}, {@code V1.2}. */
  private static boolean isVersion(byte[] b, int from, int to) {
    return to - from <= LONGEST_VERSION && (b[from] == 'v' || b[from] == 'V') && isDigit(b[from + 1]);
  }

  /** A long run of digits, a part that is a number at the end as in {@code page-2}, or a part that is a hash. */
  private static boolean hasNumber(byte[] b, int from, int to) {
    int part = from;
    int run = 0;
    int digits = 0;
    boolean hex = true;
    for (int i = from; i < to; i++) {
      byte c = b[i];
      run = isDigit(c) ? run + 1 : 0;
      if (run == NUMBER) return true;
      if (isDigit(c)) digits++;
      else if ("-_.~:,@".indexOf(c) >= 0) {
        part = i + 1;
        digits = 0;
        hex = true;
        continue;
      } else if (!isHexLetter(c)) {
        hex = false;
      }
      if (hex && digits > 0 && i + 1 - part >= HASH) return true;
    }
    return part > from && run > 0 && run == to - part;
  }

  private static boolean isDigit(byte c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isLetter(byte c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
  }

  private static boolean isHexLetter(byte c) {
    return c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
  }
}
