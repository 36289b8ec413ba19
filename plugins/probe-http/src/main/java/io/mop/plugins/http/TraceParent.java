package io.mop.plugins.http;

import io.mop.api.capture.Stream;

/** The traceparent header of W3C Trace Context, section 3.2, read strictly. */
final class TraceParent {
  private static final int LENGTH = 55;

  long traceHigh;
  long traceLow;
  long span;
  private boolean valid;

  /** {@code version-traceid-parentid-flags}, lower-case hex; a version above 00 may have more after another dash. */
  boolean parse(Stream in, int from, int to) throws Stream.Gap {
    if (to - from < LENGTH) return false;
    valid = true;
    long version = hex(in, from, 2);
    dash(in, from + 2);
    traceHigh = hex(in, from + 3, 16);
    traceLow = hex(in, from + 19, 16);
    dash(in, from + 35);
    span = hex(in, from + 36, 16);
    dash(in, from + 52);
    hex(in, from + 53, 2);
    if (version == 0xff || version == 0 && to - from != LENGTH) return false;
    if (to - from > LENGTH) dash(in, from + LENGTH);
    return valid && (traceHigh | traceLow) != 0 && span != 0;
  }

  private void dash(Stream in, int at) throws Stream.Gap {
    valid &= in.at(at) == '-';
  }

  private long hex(Stream in, int at, int digits) throws Stream.Gap {
    long value = 0;
    for (int i = at; i < at + digits; i++) {
      byte b = in.at(i);
      boolean digit = b >= '0' && b <= '9';
      valid &= digit || b >= 'a' && b <= 'f';
      value = value << 4 | (digit ? b - '0' : b - 'a' + 10 & 15);
    }
    return value;
  }
}
