package io.mop.plugins.http;

import io.mop.api.capture.Stream;
import io.mop.api.data.Text;

/** Texts of one connection: what was said last is said again most of the time, so it is kept and not copied again. */
final class Words {
  private Text last = Text.of("");
  private Text clean = last;

  /** Bytes as a text; what is not UTF-8 or a control character becomes a replacement character. */
  Text of(Stream in, int from, int to) throws Stream.Gap {
    if (same(in, from, to)) return clean;
    last = in.text(from, to);
    clean = clean(last);
    return clean;
  }

  private boolean same(Stream in, int from, int to) throws Stream.Gap {
    if (last.length() != to - from) return false;
    for (int i = from; i < to; i++) if (in.at(i) != last.at(i - from)) return false;
    return true;
  }

  private static Text clean(Text t) {
    for (int i = 0; i < t.length(); i++) {
      byte b = t.at(i);
      if (b < ' ' || b == 0x7f) return Text.of(t.toString().replaceAll("\\p{Cntrl}", "\ufffd"));
    }
    return t;
  }
}
