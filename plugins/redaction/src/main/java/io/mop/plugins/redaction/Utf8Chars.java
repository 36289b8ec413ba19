package io.mop.plugins.redaction;

/** Valid UTF-8 as UTF-16 for regular expressions, in memory that is kept; knows which byte a character begins at. */
final class Utf8Chars implements CharSequence {
  private char[] chars = new char[256];
  private int[] byteAt = new int[257];
  private int size;

  void decode(byte[] utf8, int length) {
    if (chars.length < length) {
      chars = new char[length + length / 2];
      byteAt = new int[chars.length + 1];
    }
    size = 0;
    for (int i = 0; i < length; ) {
      int lead = utf8[i];
      if (lead >= 0) {
        put((char) lead, i++);
      } else if ((lead & 0xE0) == 0xC0) {
        put((char) ((lead & 0x1F) << 6 | utf8[i + 1] & 0x3F), i);
        i += 2;
      } else if ((lead & 0xF0) == 0xE0) {
        put((char) ((lead & 0x0F) << 12 | (utf8[i + 1] & 0x3F) << 6 | utf8[i + 2] & 0x3F), i);
        i += 3;
      } else {
        int c = (lead & 7) << 18 | (utf8[i + 1] & 0x3F) << 12 | (utf8[i + 2] & 0x3F) << 6 | utf8[i + 3] & 0x3F;
        put(Character.highSurrogate(c), i);
        put(Character.lowSurrogate(c), i);
        i += 4;
      }
    }
    byteAt[size] = length;
  }

  private void put(char c, int at) {
    chars[size] = c;
    byteAt[size++] = at;
  }

  /** Where the character begins; at {@code length()} the number of bytes. */
  int byteAt(int i) {
    return byteAt[i];
  }

  @Override
  public int length() {
    return size;
  }

  @Override
  public char charAt(int i) {
    return chars[i];
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return new String(chars, start, end - start);
  }

  @Override
  public String toString() {
    return new String(chars, 0, size);
  }
}
