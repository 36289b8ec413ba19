package io.mop.plugins.redis;

import io.mop.api.capture.Stream;

/** The type byte of a RESP value and the rest of its line: the whole value, or the length of what follows. */
final class Header {
  /** What {@link #number} is in a header with {@code ?}: parts follow up to an end mark. */
  static final long STREAMED = -2;

  private static final String LENGTHS = "$*!=%~>|;";
  private static final String LINES = "+-:_,#(.";
  private static final int MAX_DIGITS = 15;
  private static final int MAX_LINE = 16 << 10;

  byte type;
  /** Of a type with a length: bytes or values that follow; -1 for null, or {@link #STREAMED}. */
  long number;
  /** Position behind the line. */
  int end;

  /**
   * Reads the header at {@code from}; false if more is needed.
   *
   * @throws Malformed if there is none
   * @throws Stream.Gap if a byte of it was cut
   */
  boolean read(Stream in, int from) throws Stream.Gap, Malformed {
    if (from >= in.length()) return false;
    type = in.at(from);
    boolean length = LENGTHS.indexOf(type) >= 0;
    if (!length && LINES.indexOf(type) < 0) throw Malformed.MALFORMED;
    int max = from + (length ? MAX_DIGITS + 4 : MAX_LINE);
    int lf = in.find((byte) '\n', from, max);
    if (lf < 0 && in.length() < max) return false;
    if (lf < from + 2 || in.at(lf - 1) != '\r') throw Malformed.MALFORMED;
    end = lf + 1;
    if (length) number = number(in, from + 1, lf - 1);
    return true;
  }

  private static long number(Stream in, int from, int to) throws Stream.Gap, Malformed {
    if (to - from == 1 && in.at(from) == '?') return STREAMED;
    if (to - from == 2 && in.at(from) == '-' && in.at(from + 1) == '1') return -1;
    if (from == to || to - from > MAX_DIGITS) throw Malformed.MALFORMED;
    long n = 0;
    for (int i = from; i < to; i++) {
      int digit = in.at(i) - '0';
      if (digit < 0 || digit > 9) throw Malformed.MALFORMED;
      n = n * 10 + digit;
    }
    return n;
  }

  /** A number of up to 9 digits; -1 if it is none. */
  static int small(Stream in, int from, int to) throws Stream.Gap {
    if (from == to || to - from > 9) return -1;
    int n = 0;
    for (int i = from; i < to; i++) {
      int digit = in.at(i) - '0';
      if (digit < 0 || digit > 9) return -1;
      n = n * 10 + digit;
    }
    return n;
  }

  static boolean isType(byte b) {
    return LENGTHS.indexOf(b) >= 0 && b != ';' || LINES.indexOf(b) >= 0 && b != '.';
  }
}
