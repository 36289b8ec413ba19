package io.mop.plugins.postgresql;

import io.mop.api.capture.Stream;

/** The fields of an ErrorResponse or NoticeResponse: a type byte and a string each, and a zero at the end. */
final class SqlState {
  /** What an error is called whose code is not there or was not captured. */
  static final String UNKNOWN = "_OTHER";
  private static final int LENGTH = 5;

  private SqlState() {}

  /** Position behind the zero at the end; -1 if there is none up to {@code to}. */
  static int end(Stream in, int from, int to) throws Stream.Gap {
    while (from < to && in.at(from) != 0) {
      from = Message.string(in, from + 1, to);
      if (from < 0) return -1;
    }
    return from < to ? from + 1 : -1;
  }

  /** The code, e.g. {@code 42P01}; {@link #UNKNOWN} if there is none. */
  static String of(Stream in, int from, int to) {
    try {
      while (from > 0 && from < to && in.at(from) != 0) {
        if (in.at(from) == 'C') return code(in, from + 1, to);
        from = Message.string(in, from + 1, to);
      }
    } catch (Stream.Gap e) {
      return UNKNOWN;
    }
    return UNKNOWN;
  }

  private static String code(Stream in, int from, int to) throws Stream.Gap {
    if (to - from <= LENGTH || in.at(from + LENGTH) != 0) return UNKNOWN;
    StringBuilder code = new StringBuilder(LENGTH);
    for (int i = from; i < from + LENGTH; i++) {
      byte b = in.at(i);
      if (!(b >= '0' && b <= '9' || b >= 'A' && b <= 'Z')) return UNKNOWN;
      code.append((char) b);
    }
    return code.toString();
  }
}
