package io.mop.plugins.attributes;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Numbers and booleans as text and back, as the Collector's convert has them. */
final class Numbers {
  static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
  static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
  /** Most characters of an int. */
  static final int DIGITS = 20;

  private static final Pattern REAL =
      Pattern.compile("[-+]?([0-9]{1,400}(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]{1,9})?");

  private Numbers() {}

  /** Writes the digits so that they end before {@link #DIGITS}; returns where they begin. */
  static int decimal(long v, byte[] target) {
    int at = DIGITS;
    long rest = v;
    do {
      target[--at] = (byte) ('0' + Math.abs(rest % 10));
      rest /= 10;
    } while (rest != 0);
    if (v < 0) target[--at] = '-';
    return at;
  }

  /** A whole number without a point. */
  static String text(double d) {
    return d == Math.rint(d) && Math.abs(d) < 1e15 ? Long.toString((long) d) : Double.toString(d);
  }

  /** True for decimal digits with or without a sign that fit 64 bits. */
  static boolean isInteger(byte[] b, int length) {
    int at = length > 0 && (b[0] == '-' || b[0] == '+') ? 1 : 0;
    if (at == length) return false;
    long limit = b[0] == '-' ? Long.MIN_VALUE : -Long.MAX_VALUE;
    long n = 0;
    for (; at < length; at++) {
      int digit = b[at] - '0';
      if (digit < 0 || digit > 9 || n < limit / 10 || n * 10 < limit + digit) return false;
      n = n * 10 - digit;
    }
    return true;
  }

  /** The value of what {@link #isInteger}. */
  static long integer(byte[] b, int length) {
    long n = 0;
    for (int at = b[0] == '-' || b[0] == '+' ? 1 : 0; at < length; at++) n = n * 10 - (b[at] - '0');
    return b[0] == '-' ? n : -n;
  }

  static boolean isReal(String s) {
    return REAL.matcher(s).matches();
  }
}
