package io.mop.plugins.redis;

import io.mop.api.capture.Protocol.Guess;
import io.mop.api.capture.Stream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/** Tells whether bytes begin with a message, by its structure and by that of what follows it. */
final class MessageStart {
  /** Words that begin lines of other protocols too: memcached, NATS, mail, FTP, STOMP, IRC. */
  private static final Set<String> SHARED =
      Set.of("GET", "SET", "APPEND", "TOUCH", "QUIT", "PING", "INFO", "AUTH", "TYPE", "TIME", "HELLO", "ECHO", "WATCH",
          "SUBSCRIBE", "UNSUBSCRIBE", "SELECT", "MOVE", "RENAME", "RESET", "SYNC", "MONITOR", "DUMP", "WAIT", "KEYS",
          "SORT", "COPY", "DEL", "EXISTS");

  private static final byte[][] SAID =
      said("+PONG\r\n", "*3\r\n$7\r\nmessage\r\n", "*4\r\n$8\r\npmessage\r\n", "*3\r\n$8\r\nsmessage\r\n",
          ">3\r\n$7\r\nmessage\r\n", ">4\r\n$8\r\npmessage\r\n", ">3\r\n$8\r\nsmessage\r\n",
          ">2\r\n$10\r\ninvalidate\r\n");

  private MessageStart() {}

  private static byte[][] said(String... texts) {
    return Arrays.stream(texts).map(text -> text.getBytes(StandardCharsets.US_ASCII)).toArray(byte[][]::new);
  }

  /** Whether {@code in} is sure to begin with a command of Redis, on a connection of which nothing is known. */
  static Guess command(Stream in) {
    return command(in, false);
  }

  /** Whether {@code in} begins with a command, on a connection that is Redis'. */
  static Guess nextCommand(Stream in) {
    return command(in, true);
  }

  private static Guess command(Stream in, boolean known) {
    try {
      Request r = new Request();
      if (in.length() == 0) return Guess.MAYBE;
      byte first = in.at(0);
      if (first != '*' && !letter(first)) return Guess.NO;
      int end = r.head(in);
      if (end == Request.MORE) return !r.inline || mayName(in) ? Guess.MAYBE : Guess.NO;
      boolean fits = r.command == Command.OTHER ? known && !r.inline && r.isNamed() : r.command.takes(r.words);
      if (!fits) return Guess.NO;
      if (r.inline) return known || !SHARED.contains(r.command.name.toString()) ? Guess.YES : Guess.NO;
      if (r.isWhole()) return end == in.length() || in.at(end) == '*' || letter(in.at(end)) ? Guess.YES : Guess.NO;
      Header next = new Header();
      if (!next.read(in, end)) return Guess.MAYBE;
      return next.type == '$' && next.number >= 0 ? Guess.YES : Guess.NO;
    } catch (Stream.Gap | Malformed e) {
      return Guess.NO;
    }
  }

  /** Whether the first word of a line that has not ended is a command's, or may become one. */
  private static boolean mayName(Stream in) throws Stream.Gap {
    int n = 0;
    while (n < in.length() && in.at(n) > ' ') n++;
    return n == in.length() ? n <= Commands.MAX_NAME : Commands.find(in, 0, n) != Command.OTHER;
  }

  private static boolean letter(byte b) {
    return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z';
  }

  /** Whether {@code in} begins with what only a Redis server says, and no client. */
  static Guess serverSaid(Stream in) {
    Guess guess = Guess.NO;
    try {
      for (byte[] text : SAID) {
        int n = Math.min(text.length, in.length());
        int same = 0;
        while (same < n && in.at(same) == text[same]) same++;
        if (same == text.length) return Guess.YES;
        if (same == n) guess = Guess.MAYBE;
      }
      return guess;
    } catch (Stream.Gap e) {
      return Guess.NO;
    }
  }

  /** Whether {@code in} begins with a reply, on a connection that is Redis'. */
  static Guess reply(Stream in) {
    Header header = new Header();
    try {
      if (in.length() == 0) return Guess.MAYBE;
      if (!Header.isType(in.at(0))) return Guess.NO;
      if (!header.read(in, 0)) return Guess.MAYBE;
    } catch (Stream.Gap | Malformed e) {
      return Guess.NO;
    }
    try {
      boolean string = header.type == '$' || header.type == '!' || header.type == '=';
      long end = header.end + (string && header.number >= 0 ? header.number + 2 : 0);
      if (end > in.length()) return Guess.YES;
      if (end > header.end && (in.at((int) end - 2) != '\r' || in.at((int) end - 1) != '\n')) return Guess.NO;
      boolean follows = end == in.length() || header.number == Header.STREAMED || Header.isType(in.at((int) end));
      return follows ? Guess.YES : Guess.NO;
    } catch (Stream.Gap e) {
      return Guess.YES; // a long string was cut
    }
  }
}
