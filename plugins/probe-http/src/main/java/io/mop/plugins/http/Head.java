package io.mop.plugins.http;

import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Stream;

/** Start line and the headers that matter of one message, found in place. A field that is absent has {@code from} 0. */
final class Head {
  /** The start line is no start line, or the message's length is contradictory. */
  static final int MALFORMED = -2;
  /** The empty line has not come yet. */
  static final int MORE = -1;

  final StartLine start = new StartLine();
  int hostFrom;
  int hostTo;
  int agentFrom;
  int agentTo;
  int traceFrom;
  int traceTo;
  private int traces;
  /** -1 without Content-Length, -2 if it makes no sense. */
  long contentLength;
  boolean transferEncoding;
  boolean chunked;
  /** An Upgrade header; a server may ignore it. */
  boolean upgrade;

  private final Direction direction;
  private int line;
  private int scanned;
  private boolean started;

  Head(Direction direction) {
    this.direction = direction;
    reset();
  }

  /** Forgets the message; the next one begins at 0. */
  void reset() {
    line = 0;
    scanned = 0;
    started = false;
    hostFrom = hostTo = agentFrom = agentTo = traceFrom = traceTo = traces = 0;
    contentLength = -1;
    transferEncoding = false;
    chunked = false;
    upgrade = false;
  }

  /** Reads on from where it stopped; the position after the empty line, {@link #MORE} or {@link #MALFORMED}. */
  int read(Stream in) throws Stream.Gap {
    for (; ; ) {
      int lf = in.find((byte) '\n', scanned, in.length());
      if (lf < 0) {
        scanned = in.length();
        return MORE;
      }
      int to = lf > line && in.at(lf - 1) == '\r' ? lf - 1 : lf;
      if (!started) {
        if (!start.parse(in, direction, line, to)) return MALFORMED;
        started = true;
      } else if (to == line) {
        return contentLength == -2 && !transferEncoding ? MALFORMED : lf + 1;
      } else {
        header(in, line, to);
      }
      line = lf + 1;
      scanned = line;
    }
  }

  private void header(Stream in, int from, int to) throws Stream.Gap {
    switch (colon(in, from, to) - from) {
      case 4 -> {
        if (direction == Direction.REQUEST && is(in, from, "host")) host(in, from + 5, to);
      }
      case 7 -> {
        if (is(in, from, "upgrade")) upgrade = true;
      }
      case 10 -> {
        if (direction == Direction.REQUEST && is(in, from, "user-agent")) agent(in, from + 11, to);
      }
      case 11 -> {
        if (direction == Direction.REQUEST && is(in, from, "traceparent")) trace(in, from + 12, to);
      }
      case 14 -> {
        if (is(in, from, "content-length")) length(in, from + 15, to);
      }
      case 17 -> {
        if (is(in, from, "transfer-encoding")) coding(in, from + 18, to);
      }
      default -> {}
    }
  }

  /** Names that matter have at most 17 letters. */
  private static int colon(Stream in, int from, int to) throws Stream.Gap {
    return in.find((byte) ':', from, Math.min(to, from + 18));
  }

  private static boolean is(Stream in, int from, String lowerCase) throws Stream.Gap {
    for (int i = 0; i < lowerCase.length(); i++) {
      byte b = in.at(from + i);
      if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != lowerCase.charAt(i)) return false;
    }
    return true;
  }

  static int skipBlanks(Stream in, int from, int to) throws Stream.Gap {
    while (from < to && isBlank(in.at(from))) from++;
    return from;
  }

  static int dropBlanks(Stream in, int from, int to) throws Stream.Gap {
    while (to > from && isBlank(in.at(to - 1))) to--;
    return to;
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  private void host(Stream in, int from, int to) throws Stream.Gap {
    hostFrom = skipBlanks(in, from, to);
    hostTo = dropBlanks(in, hostFrom, to);
  }

  private void agent(Stream in, int from, int to) throws Stream.Gap {
    agentFrom = skipBlanks(in, from, to);
    agentTo = dropBlanks(in, agentFrom, to);
  }

  /** More than one is invalid: which one counts is not said. */
  private void trace(Stream in, int from, int to) throws Stream.Gap {
    traceFrom = skipBlanks(in, from, to);
    traceTo = dropBlanks(in, traceFrom, to);
    if (++traces > 1) traceTo = traceFrom;
  }

  /** A list of equal values is one value (RFC 9112, section 6.3). */
  private void length(Stream in, int from, int to) throws Stream.Gap {
    for (int p = from; p <= to; ) {
      int end = in.find((byte) ',', p, to);
      if (end < 0) end = to;
      long n = number(in, skipBlanks(in, p, end), dropBlanks(in, p, end));
      contentLength = contentLength == -1 || contentLength == n ? n : -2;
      p = end + 1;
    }
  }

  private static long number(Stream in, int from, int to) throws Stream.Gap {
    if (from >= to || to - from > 18) return -2;
    long n = 0;
    for (int i = from; i < to; i++) {
      byte d = in.at(i);
      if (d < '0' || d > '9') return -2;
      n = n * 10 + d - '0';
    }
    return n;
  }

  /** The last coding decides. */
  private void coding(Stream in, int from, int to) throws Stream.Gap {
    int end = dropBlanks(in, from, to);
    int at = end - "chunked".length();
    transferEncoding = true;
    chunked = at >= from && is(in, at, "chunked") && (at == from || !StartLine.isAlphanumeric(in.at(at - 1)));
  }
}
