package io.mop.plugins.redis;

import io.mop.api.capture.Stream;
import java.util.Arrays;

/**
 * One value as a server sends it, of RESP2 or RESP3. Values nest up to 128 levels; strings are passed over by length,
 * cut bytes too.
 */
class Reply {
  private static final int MAX_DEPTH = 128;
  /** In {@link #left}: up to an end mark. */
  private static final long UP_TO_MARK = -1;

  /** 0 until the value's own type was read: an attribute may come before it. */
  byte type;
  /** Of an array, set or push, how many values it has; -1 for null. */
  long count;
  /** The error that it is, or the first one among its elements. */
  ErrorPrefix error = ErrorPrefix.NONE;
  /** What an array or push says it is. */
  Kind kind = Kind.NONE;
  /** The last number among the elements of an array or push that has a {@link #kind}. */
  long integer;
  /** A line that tells that a command waits for EXEC. */
  boolean queued;
  /** A line as MONITOR prints it: begins with a digit. */
  boolean monitored;
  long time;

  private final Header header = new Header();
  private long[] left = new long[4];
  private boolean[] attribute = new boolean[4];
  private int depth;
  private long bytesLeft;
  private boolean parts;
  private boolean elements;
  private boolean ended = true;

  void reset() {
    depth = 0;
    bytesLeft = 0;
    parts = false;
    ended = true;
    type = 0;
  }

  /** Whether a part of a value was consumed. */
  boolean open() {
    return !ended;
  }

  /**
   * Consumes what is there; true when a value has ended.
   *
   * @throws Malformed if it is none
   * @throws Stream.Gap if a byte was cut that is needed
   */
  boolean read(Stream in) throws Stream.Gap, Malformed {
    while (in.length() > 0) {
      if (ended) begin();
      if (bytesLeft > 0) {
        int n = (int) Math.min(bytesLeft, in.length());
        content((int) Math.min(n, Math.max(0, bytesLeft - 2)));
        skip(in, n);
        bytesLeft -= n;
        if (bytesLeft > 0) return false;
        if (!parts && valueEnds()) return true;
        continue;
      }
      if (!header.read(in, 0) || in.length() < header.end + looksAt()) return false;
      if (token(in)) return true;
    }
    return false;
  }

  private void begin() {
    ended = false;
    type = 0;
    count = integer = 0;
    error = ErrorPrefix.NONE;
    kind = Kind.NONE;
    queued = monitored = elements = false;
  }

  /**
   * A header was read, and will be consumed.
   *
   * @param word whether the string that follows tells the {@link #kind}
   */
  void header(Stream in, Header header, boolean word) throws Stream.Gap {}

  /** The next {@code n} bytes are a string's, and will be consumed. */
  void content(int n) {}

  private boolean mayTellKind() {
    boolean first = depth == 1 && !elements && (type == '*' || type == '>') && header.type == '$';
    return first && header.number >= 0 && header.number <= Kind.MAX_LENGTH;
  }

  /** How many bytes behind the header are looked at, instead of passed over. */
  private int looksAt() {
    if (mayTellKind()) return (int) header.number;
    return header.type == '!' ? (int) Math.max(0, Math.min(header.number, ErrorPrefix.MAX_LENGTH + 1)) : 0;
  }

  /** Takes the header that was read; true when the value has ended with it. */
  private boolean token(Stream in) throws Stream.Gap, Malformed {
    byte t = header.type;
    long n = header.number;
    if (parts != (t == ';')) throw Malformed.MALFORMED;
    if (depth == 0 && type == 0 && t != '|') {
      type = t;
      count = n;
      elements = false;
    }
    boolean mayTellKind = mayTellKind();
    look(in);
    header(in, header, mayTellKind && kind != Kind.NONE);
    skip(in, header.end);
    return switch (t) {
      case '$', '!', '=' -> string(n);
      case ';' -> part(n);
      case '*', '~', '>' -> aggregate(n, 1, false);
      case '%' -> aggregate(n, 2, false);
      case '|' -> aggregate(n, 2, true);
      case '.' -> mark();
      default -> valueEnds();
    };
  }

  private void look(Stream in) throws Stream.Gap {
    if (mayTellKind()) kind = Kind.of(in, header.end, header.end + (int) header.number);
    if (depth > 0) elements = true;
    boolean own = depth == 0 || depth == 1 && type == '*';
    switch (header.type) {
      case '-' -> fails(own ? ErrorPrefix.of(in, 1, header.end - 2) : ErrorPrefix.NONE);
      case '!' -> fails(own ? ErrorPrefix.of(in, header.end, header.end + looksAt()) : ErrorPrefix.NONE);
      case ':' -> integer = depth == 1 && kind != Kind.NONE ? Header.small(in, 1, header.end - 2) : 0;
      case '+' -> line(in);
      default -> {}
    }
  }

  private void fails(ErrorPrefix prefix) {
    if (error == ErrorPrefix.NONE) error = prefix;
  }

  private void line(Stream in) throws Stream.Gap {
    if (depth > 0) return;
    byte first = in.at(1);
    monitored = first >= '0' && first <= '9';
    queued = first == 'Q' && header.end == "+QUEUED\r\n".length();
  }

  private void skip(Stream in, int n) {
    time = in.time(n - 1);
    in.skip(n);
  }

  private boolean string(long n) {
    if (n == -1) return valueEnds();
    if (n == Header.STREAMED) parts = true;
    else bytesLeft = n + 2;
    return false;
  }

  private boolean part(long n) throws Malformed {
    if (n < 0) throw Malformed.MALFORMED;
    if (n > 0) {
      bytesLeft = n + 2;
      return false;
    }
    parts = false;
    return valueEnds();
  }

  private boolean aggregate(long n, int each, boolean isAttribute) throws Malformed {
    if (n == -1 && !isAttribute) return valueEnds();
    if (n == -1 || depth == MAX_DEPTH) throw Malformed.MALFORMED;
    if (n == 0) return !isAttribute && valueEnds();
    if (depth == left.length) {
      left = Arrays.copyOf(left, depth * 2);
      attribute = Arrays.copyOf(attribute, depth * 2);
    }
    left[depth] = n == Header.STREAMED ? UP_TO_MARK : n * each;
    attribute[depth++] = isAttribute;
    return false;
  }

  private boolean mark() throws Malformed {
    if (depth == 0 || left[depth - 1] != UP_TO_MARK) throw Malformed.MALFORMED;
    return closes();
  }

  /** One value has ended, and with it those whose last element it is; true if that is the outermost. */
  private boolean valueEnds() {
    if (depth == 0) {
      ended = true;
      return true;
    }
    if (left[depth - 1] == UP_TO_MARK || --left[depth - 1] > 0) return false;
    return closes();
  }

  /** An aggregate has ended: an attribute is no value. */
  private boolean closes() {
    return !attribute[--depth] && valueEnds();
  }
}
