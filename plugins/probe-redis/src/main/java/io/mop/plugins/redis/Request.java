package io.mop.plugins.redis;

import io.mop.api.capture.Stream;

/** One command as a client sends it: an array of strings or a line of words. Arguments are passed over by length. */
class Request {
  /** More bytes are needed. */
  static final int MORE = -1;

  private static final int READ_WORDS = 3;
  private static final int MAX_INLINE = 16 << 10;

  Command command = Command.OTHER;
  /** Words in all, that of the command included; a message without any is passed over by the server. */
  int words;
  boolean inline;
  private final Header header = new Header();
  private final int[] from = new int[READ_WORDS];
  private final int[] to = new int[READ_WORDS];
  private int read;
  private long argumentsLeft;
  private long bytesLeft;
  private long time;

  /** When the last byte that was passed over passed. */
  long time() {
    return time;
  }

  void reset() {
    argumentsLeft = bytesLeft = 0;
  }

  /**
   * Reads what is asked about a command at the start of {@code in}, without consuming it.
   *
   * @return the length of what was read, or {@link #MORE}
   * @throws Malformed if there is none
   * @throws Stream.Gap if a byte of it was cut
   */
  int head(Stream in) throws Stream.Gap, Malformed {
    read = 0;
    words = 0;
    command = Command.OTHER;
    if (in.length() == 0) return MORE;
    inline = in.at(0) != '*';
    return inline ? line(in) : array(in);
  }

  private int array(Stream in) throws Stream.Gap, Malformed {
    if (!header.read(in, 0)) return MORE;
    long n = header.number;
    if (n > Integer.MAX_VALUE || n < -1) throw Malformed.MALFORMED;
    int at = header.end;
    if (n <= 0) return at;
    for (int wanted = 1; read < n && read < wanted; ) {
      int next = word(in, at);
      if (next == MORE) return MORE;
      at = next;
      if (to[read] - from[read] > Commands.MAX_NAME) break;
      read++;
      recognise(in);
      word(read - 1, from[read - 1], to[read - 1]);
      if (command.container) wanted = 2;
      if (command.effect == Command.Effect.SELECT) wanted = 2;
      if (command.effect == Command.Effect.CLIENT_REPLY) wanted = READ_WORDS;
    }
    words = (int) n;
    return at;
  }

  /** A bulk string that is read if it may be a name; of a longer one only the header. */
  private int word(Stream in, int at) throws Stream.Gap, Malformed {
    if (!header.read(in, at)) return MORE;
    if (header.type != '$' || header.number < 0) throw Malformed.MALFORMED;
    from[read] = header.end;
    if (header.number > Commands.MAX_NAME) {
      to[read] = Integer.MAX_VALUE;
      return at;
    }
    to[read] = header.end + (int) header.number;
    int end = to[read] + 2;
    if (end > in.length()) return MORE;
    if (in.at(end - 2) != '\r' || in.at(end - 1) != '\n') throw Malformed.MALFORMED;
    return end;
  }

  private void recognise(Stream in) throws Stream.Gap {
    if (read == 1) command = Commands.find(in, from[0], to[0]);
    if (read == 2 && command.container) command = Commands.find(in, from[0], to[0], from[1], to[1], command);
  }

  private int line(Stream in) throws Stream.Gap, Malformed {
    int lf = in.find((byte) '\n', 0, MAX_INLINE);
    int end = lf < 0 ? Math.min(in.length(), MAX_INLINE) : lf > 0 && in.at(lf - 1) == '\r' ? lf - 1 : lf;
    for (int i = 0; i < end; i++) {
      int c = in.at(i) & 0xff;
      boolean crMayEnd = c == '\r' && i == end - 1 && lf < 0;
      if (c < ' ' && c != '\t' && !crMayEnd || c == 0x7f) throw Malformed.MALFORMED;
    }
    if (lf < 0 && in.length() < MAX_INLINE) return MORE;
    if (lf < 0) throw Malformed.MALFORMED;
    split(in, end);
    return lf + 1;
  }

  /** Words are set apart by blanks; quotes, of which a backslash hides the second kind, hold blanks together. */
  private void split(Stream in, int end) throws Stream.Gap {
    for (int i = 0; i < end; ) {
      if (blank(in.at(i))) {
        i++;
        continue;
      }
      int start = i;
      for (byte quote = 0; i < end && (quote != 0 || !blank(in.at(i))); i++) {
        byte b = in.at(i);
        if (quote == 0 && (b == '"' || b == '\'')) quote = b;
        else if (b == quote) quote = 0;
        else if (quote != 0 && b == '\\') i++;
      }
      if (words < READ_WORDS) {
        from[words] = start;
        to[words] = Math.min(i, end);
        read = words + 1;
        recognise(in);
      }
      word(words, start, Math.min(i, end));
      words++;
    }
  }

  /** A word of the head that is being read. */
  void word(int i, int from, int to) {}

  /** The next {@code n} bytes are an argument's, and will be consumed. */
  void argument(int n) {}

  private static boolean blank(byte b) {
    return b == ' ' || b == '\t';
  }

  /** Whether the first word was read: it is short enough for a name. */
  boolean isNamed() {
    return read > 0;
  }

  /** Whether no argument follows the head. */
  boolean isWhole() {
    return inline || read == words;
  }

  /** Consumes the head of {@code length} bytes that was read. */
  void take(Stream in, int length) {
    time = in.time(length - 1);
    in.skip(length);
    argumentsLeft = isWhole() ? 0 : words - read;
  }

  /**
   * Consumes arguments; true when none is left.
   *
   * @throws Malformed if they are none
   * @throws Stream.Gap if a length was cut
   */
  boolean arguments(Stream in) throws Stream.Gap, Malformed {
    while (bytesLeft > 0 || argumentsLeft > 0) {
      if (in.length() == 0) return false;
      if (bytesLeft > 0) {
        int n = (int) Math.min(bytesLeft, in.length());
        argument((int) Math.min(n, Math.max(0, bytesLeft - 2)));
        skip(in, n);
        bytesLeft -= n;
        continue;
      }
      if (!header.read(in, 0)) return false;
      if (header.type != '$' || header.number < 0) throw Malformed.MALFORMED;
      skip(in, header.end);
      bytesLeft = header.number + 2;
      argumentsLeft--;
    }
    return true;
  }

  private void skip(Stream in, int n) {
    time = in.time(n - 1);
    in.skip(n);
  }

  /** Whether word {@code i}, counted from 0, is {@code upper} in letters of any case. */
  boolean is(Stream in, int i, String upper) throws Stream.Gap {
    if (i >= read || to[i] - from[i] != upper.length()) return false;
    for (int k = 0; k < upper.length(); k++) {
      if ((in.at(from[i] + k) & ~0x20) != upper.charAt(k)) return false;
    }
    return true;
  }

  /** Word {@code i} as a number of up to 9 digits; -1 if it is none. */
  int number(Stream in, int i) throws Stream.Gap {
    return i < read ? Header.small(in, from[i], to[i]) : -1;
  }
}
