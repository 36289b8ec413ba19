package io.mop.api.data;

import java.util.Objects;

/**
 * UTF-8 as characters, for regular expressions: {@code pattern.matcher(chars)} is made once, and for each text follow
 * {@link #set} and {@code matcher.reset()}. The memory is kept from text to text, so nothing is allocated once it has
 * grown. What is not UTF-8 shows as U+FFFD, one a byte. For one thread. Since 1.1.
 */
public final class TextChars implements CharSequence {
  private static final char UNKNOWN = '\uFFFD';

  private byte[] copy = new byte[256];
  private char[] chars = new char[256];
  private int[] byteAt = new int[257];
  private int size;

  /** Shows {@code text}, which is copied. */
  public void set(Text text) {
    int n = text.length();
    if (n > copy.length) copy = new byte[n + n / 2];
    text.copy(0, n, copy, 0);
    set(copy, 0, n);
  }

  /** Shows bytes {@code from} (inclusive) to {@code to} (exclusive), which are copied. */
  public void set(byte[] utf8, int from, int to) {
    Objects.checkFromToIndex(from, to, utf8.length);
    if (chars.length < to - from) {
      chars = new char[to - from + (to - from) / 2];
      byteAt = new int[chars.length + 1];
    }
    size = 0;
    for (int i = from; i < to; ) {
      int lead = utf8[i];
      if (lead >= 0) put((char) lead, i++ - from);
      else i += several(utf8, i, to, i - from);
    }
    byteAt[size] = to - from;
  }

  /** Reads a character of more than one byte; returns how many it took. */
  private int several(byte[] b, int i, int to, int at) {
    int lead = b[i] & 0xFF;
    int n = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || n > to - i) return unknown(at);
    int c = lead & 0x7F >> n;
    for (int k = 1; k < n; k++) {
      if ((b[i + k] & 0xC0) != 0x80) return unknown(at);
      c = c << 6 | b[i + k] & 0x3F;
    }
    if (n < 4) {
      if (n == 3 && c < 0x800 || c >= 0xD800 && c < 0xE000) return unknown(at);
      put((char) c, at);
    } else {
      if (c < 0x10000 || c > 0x10FFFF) return unknown(at);
      put(Character.highSurrogate(c), at);
      put(Character.lowSurrogate(c), at);
    }
    return n;
  }

  private int unknown(int at) {
    put(UNKNOWN, at);
    return 1;
  }

  private void put(char c, int at) {
    chars[size] = c;
    byteAt[size++] = at;
  }

  /**
   * The byte, from the first one shown, at which character {@code i} begins; at {@code length()} the number of bytes.
   *
   * @throws IndexOutOfBoundsException outside {@code 0..length()}
   */
  public int byteAt(int i) {
    return byteAt[Objects.checkIndex(i, size + 1)];
  }

  /** In UTF-16 units. */
  @Override
  public int length() {
    return size;
  }

  @Override
  public char charAt(int i) {
    return chars[Objects.checkIndex(i, size)];
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    Objects.checkFromToIndex(start, end, size);
    return new String(chars, start, end - start);
  }

  @Override
  public String toString() {
    return new String(chars, 0, size);
  }
}
