package @package@;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Masker;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import io.mop.api.plugin.Context.Counter;
import java.util.List;
import java.util.Optional;

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

  /** Without it nothing of the protocol could be recorded. */
  @Override
  public Optional<Masker> masker() {
    return Optional.of(this::mask);
  }

  /** A value is what follows a key, an error's code or OK. */
  private void mask(Direction direction, Stream in, Masker.Values values) throws Stream.Gap {
    for (int end; (end = in.find((byte) '\n', 0, maxLine)) >= 0; in.skip(end + 1)) {
      String word = firstWord(in.text(0, Math.min(end, LONGEST_WORD + 1)).toString());
      if (!known(word, direction)) throw Stream.Gap.GAP;
      int blank = in.find((byte) ' ', 0, end);
      if (blank >= 0 && !word.equals("OK")) blank = in.find((byte) ' ', blank + 1, end);
      if (blank >= 0) values.mask(blank + 1, end, 'x');
    }
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
