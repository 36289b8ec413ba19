package io.mop.plugins.http;

import io.mop.api.capture.Stream;
import io.mop.api.data.Text;
import java.util.function.UnaryOperator;

/**
 * Texts of one connection: what was said last is said again most of the time, so it is kept, unless it is long, and not
 * made again.
 */
final class Words {
  static final int LONGEST_KEPT = 512;

  private final UnaryOperator<Text> cleaner;
  private Text last = Text.of("");
  private Text clean = last;

  /** @param cleaner makes of a text what may leave */
  Words(UnaryOperator<Text> cleaner) {
    this.cleaner = cleaner;
  }

  /** Bytes as a text, cleaned; what is not UTF-8 or a control character becomes a replacement character. */
  Text of(Stream in, int from, int to) throws Stream.Gap {
    if (same(in, from, to)) return clean;
    Text said = in.text(from, to);
    Text now = cleaner.apply(printable(said));
    if (said.length() <= LONGEST_KEPT) {
      last = said;
      clean = now;
    }
    return now;
  }

  private boolean same(Stream in, int from, int to) throws Stream.Gap {
    if (last.length() != to - from) return false;
    for (int i = from; i < to; i++) if (in.at(i) != last.at(i - from)) return false;
    return true;
  }

  private static Text printable(Text t) {
    for (int i = 0; i < t.length(); i++) {
      byte b = t.at(i);
      if (b < ' ' || b == 0x7f) return Text.of(t.toString().replaceAll("\\p{Cntrl}", "\ufffd"));
    }
    return t;
  }
}
