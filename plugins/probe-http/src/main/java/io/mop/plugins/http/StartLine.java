package io.mop.plugins.http;

import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Stream;

/** A request line or status line of HTTP/1.0 or 1.1; positions are those of the stream. */
final class StartLine {
  private static final byte[] VERSION = {'H', 'T', 'T', 'P', '/', '1', '.'};
  private static final int MAX_METHOD = 32;

  /** Start of the request line and end of the method. */
  int methodFrom;
  int methodTo;
  /** End of the target, which starts after the method and one space. */
  int targetTo;
  /** 0 or 1. */
  int minor;
  /** 100..599. */
  int status;

  boolean parse(Stream in, Direction direction, int from, int to) throws Stream.Gap {
    return direction == Direction.REQUEST ? request(in, from, to) : status(in, from, to);
  }

  /** {@code method SP request-target SP HTTP/1.x}. */
  private boolean request(Stream in, int from, int to) throws Stream.Gap {
    int p = from;
    while (p < to && p - from <= MAX_METHOD && isToken(in.at(p))) p++;
    if (p == from || p - from > MAX_METHOD || p == to || in.at(p) != ' ') return false;
    int target = p + 1;
    int end = to - 9;
    if (end <= target || in.at(end) != ' ' || !version(in, end + 1)) return false;
    if (!startsTarget(in.at(target))) return false;
    for (int i = target; i < end; i++) if (isBlankOrControl(in.at(i))) return false;
    methodFrom = from;
    methodTo = p;
    targetTo = end;
    return true;
  }

  /** {@code HTTP/1.x SP 3DIGIT SP [reason]}; the last space is missing in practice. */
  private boolean status(Stream in, int from, int to) throws Stream.Gap {
    if (to - from < 12 || !version(in, from) || in.at(from + 8) != ' ') return false;
    if (to - from > 12 && in.at(from + 12) != ' ') return false;
    int code = 0;
    for (int i = from + 9; i < from + 12; i++) {
      byte d = in.at(i);
      if (d < '0' || d > '9') return false;
      code = code * 10 + d - '0';
    }
    if (code < 100 || code > 599) return false;
    status = code;
    return true;
  }

  private boolean version(Stream in, int at) throws Stream.Gap {
    for (int i = 0; i < VERSION.length; i++) if (in.at(at + i) != VERSION[i]) return false;
    minor = in.at(at + VERSION.length) - '0';
    return minor == 0 || minor == 1;
  }

  /** Whether a line without its end yet may still become a start line. */
  static boolean mayBecome(Stream in, Direction direction, int from) throws Stream.Gap {
    int n = in.length() - from;
    if (direction == Direction.RESPONSE) {
      for (int i = 0; i < Math.min(n, VERSION.length); i++) if (in.at(from + i) != VERSION[i]) return false;
      return true;
    }
    int p = from;
    while (p < in.length() && p - from <= MAX_METHOD && isToken(in.at(p))) p++;
    if (p - from > MAX_METHOD) return false;
    if (p == in.length()) return true;
    if (p == from || in.at(p) != ' ') return false;
    return p + 1 == in.length() || startsTarget(in.at(p + 1));
  }

  /** Origin form, asterisk form, or the letter or digit or bracket of absolute and authority form. */
  private static boolean startsTarget(byte b) {
    return b == '/' || b == '*' || b == '[' || isAlphanumeric(b);
  }

  static boolean isBreak(byte b) {
    return b == '\r' || b == '\n';
  }

  private static boolean isBlankOrControl(byte b) {
    return b >= 0 && b <= ' ' || b == 0x7f;
  }

  static boolean isAlphanumeric(byte b) {
    return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9';
  }

  /** RFC 9110, section 5.6.2. */
  static boolean isToken(byte b) {
    return isAlphanumeric(b) || b > 0 && "!#$%&'*+-.^_`|~".indexOf(b) >= 0;
  }
}
