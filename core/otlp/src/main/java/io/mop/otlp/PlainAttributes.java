package io.mop.otlp;

/**
 * The short cut of the structure check. Most of a request are attributes that follow each other, each with one key and
 * one value of a simple type, of at most 127 bytes, in ASCII: their frames are checked one by one, their bytes at once.
 */
final class PlainAttributes {
  private static final long NOT_ASCII = 0x8080808080808080L;

  private PlainAttributes() {}

  /**
   * The position after the last valid plain attribute from {@code at} on, all with the tag that is there; {@code at} if
   * there is none. Says nothing about what follows: it may be valid or not.
   */
  static int skip(byte[] b, int at, int end) {
    int tag = b[at];
    int texts = at;
    while (end - at >= 8) {
      long peeked = Wire.peek(b, at);
      int next = at + 2 + Wire.shortLength(peeked);
      peeked >>>= 16;
      int value = at + 4 + Wire.shortLength(peeked);
      if (b[at] != tag || b[at + 1] < 0 || next > end || !Wire.begins(peeked, 0x0A) || value + 4 > next) break;
      peeked = Wire.peek(b, value);
      if (!Wire.begins(peeked, 0x12) || value + 2 + Wire.shortLength(peeked) != next) break;
      peeked >>>= 16;
      if (!Wire.begins(peeked, 0x0A) || value + 4 + Wire.shortLength(peeked) != next) {
        int valid = texts(b, texts, at);
        if (valid < at) return valid;
        if (!number(b, (int) peeked & 0xFF, value + 3, next) || !Utf8.valid(b, at + 4, value)) return at;
        texts = next;
      }
      at = next;
    }
    return texts(b, texts, at);
  }

  private static boolean number(byte[] b, int tag, int at, int end) {
    if (tag == 0x21) return end - at == 8;
    if (tag != 0x10 && tag != 0x18 || end - at > 10) return false;
    while (at < end - 1 && b[at] < 0) at++;
    return at == end - 1 && b[at] >= 0;
  }

  /** The position up to which attributes, all with text values, are UTF-8; their frames are ASCII as well. */
  private static int texts(byte[] b, int at, int end) {
    int p = at;
    long seen = 0;
    for (; p + 32 <= end; p += 32) {
      seen |= Wire.peek(b, p) | Wire.peek(b, p + 8) | Wire.peek(b, p + 16) | Wire.peek(b, p + 24);
    }
    if ((seen & NOT_ASCII) == 0 && Utf8.valid(b, p, end)) return end;
    while (at < end) {
      int value = at + 4 + b[at + 3];
      int next = at + 2 + b[at + 1];
      if (!Utf8.valid(b, at + 4, value) || !Utf8.valid(b, value + 4, next)) return at;
      at = next;
    }
    return end;
  }
}
