package io.mop.otlp;

import java.nio.ByteBuffer;

/** UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
final class Utf8 {
  private static final long NOT_ASCII = 0x8080808080808080L;

  private Utf8() {}

  static boolean valid(ByteBuffer b, int at, int end) {
    for (; at + 8 <= end; at += 8) {
      if (((long) Wire.LONG.get(b, at) & NOT_ASCII) != 0) return validFrom(b, at, end);
    }
    for (; at < end; at++) {
      if (b.get(at) < 0) return validFrom(b, at, end);
    }
    return true;
  }

  private static boolean validFrom(ByteBuffer b, int at, int end) {
    while (at < end) {
      int lead = b.get(at++);
      if (lead >= 0) continue;
      lead &= 0xFF;
      int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
      if (lead < 0xC2 || lead > 0xF4 || end - at < more) return false;
      int second = b.get(at) & 0xFF;
      int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      if (second < low || second > high) return false;
      for (int i = 1; i < more; i++) {
        if ((b.get(at + i) & 0xC0) != 0x80) return false;
      }
      at += more;
    }
    return true;
  }
}
