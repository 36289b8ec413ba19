package @package@;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import io.mop.api.plugin.Context.Counter;
import java.util.List;

/** Recognises a connection by the first word of a whole line. */
record LineProtocol(int maxLine, Counter oversized, Counter malformed) implements Protocol {
  private static final List<String> REQUESTS = List.of("STORE", "FETCH", "DROP");
  private static final List<String> RESPONSES = List.of("OK", "ERR");
  private static final int LONGEST_WORD = 5;

  @Override
  public Guess sniff(Stream in, Direction direction) {
    return guess(in, direction);
  }

  @Override
  public Decoder open(Exchanges out) {
    return new LineDecoder(this, out);
  }

  /** Whether {@code in} starts with a message: YES needs a whole line, as bytes of something else may look alike. */
  Guess guess(Stream in, Direction direction) {
    try {
      int end = in.find((byte) '\n', 0, maxLine);
      if (end < 0 && in.length() >= maxLine) return Guess.NO;
      String start = in.text(0, Math.min(end < 0 ? in.length() : end, LONGEST_WORD + 1)).toString();
      String word = firstWord(start);
      boolean whole = end >= 0 || word.length() < start.length();
      for (String known : direction == Direction.REQUEST ? REQUESTS : RESPONSES) {
        if (whole ? known.equals(word) : known.startsWith(word)) return end >= 0 ? Guess.YES : Guess.MAYBE;
      }
      return Guess.NO;
    } catch (Stream.Gap e) {
      return Guess.NO;
    }
  }

  static String firstWord(String line) {
    int end = 0;
    while (end < line.length() && line.charAt(end) != ' ' && line.charAt(end) != '\r') end++;
    return line.substring(0, end);
  }

  static boolean known(String word, Direction direction) {
    return (direction == Direction.REQUEST ? REQUESTS : RESPONSES).contains(word);
  }
}
