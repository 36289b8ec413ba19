package io.mop.otlp;

/** UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
final class Utf8 {
  private static final long NOT_ASCII = 0x8080808080808080L;

  private Utf8() {}

  /** Reads up to {@link Wire#PAD} bytes past the end. */
  static boolean valid(byte[] b, int at, int end) {
    for (; at + 8 < end; at += 8) {
      if ((Wire.peek(b, at) & NOT_ASCII) != 0) return validFrom(b, at, end);
    }
    // 0 to 8 bytes are left; those past the end are shifted out
    return at >= end || (Wire.peek(b, at) & NOT_ASCII) << 8 * (8 - end + at) == 0 || validFrom(b, at, end);
  }

  private static boolean validFrom(byte[] b, int at, int end) {
    while (at < end) {
      int lead = b[at++];
      if (lead >= 0) continue;
      lead &= 0xFF;
      int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
      if (lead < 0xC2 || lead > 0xF4 || end - at < more) return false;
      int second = b[at] & 0xFF;
      int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      if (second < low || second > high) return false;
      for (int i = 1; i < more; i++) {
        if ((b[at + i] & 0xC0) != 0x80) return false;
      }
      at += more;
    }
    return true;
  }
}
