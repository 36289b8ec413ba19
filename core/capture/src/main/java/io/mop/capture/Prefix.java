package io.mop.capture;

/** The first bytes that were seen of one direction, as far as they follow one another. Reads beyond them are -1. */
final class Prefix {
  /** What the longest of the patterns of {@link Recognition} needs, with room for a name. */
  static final int LENGTH = 96;

  private static final byte[] NONE = {};
  private byte[] bytes = NONE;
  private int length;
  private boolean ended;

  int length() {
    return length;
  }

  /** Whether nothing is added any more. */
  boolean ended() {
    return ended;
  }

  /** Adds what was captured of a record that follows the one before; true if there is something new. */
  boolean add(Record r) {
    int n = Math.min(r.cap(), LENGTH - length);
    boolean starts = length > 0 || n > 0;
    if (n > 0) {
      if (length == 0) bytes = new byte[LENGTH];
      r.payload(0, bytes, length, n);
      length += n;
    }
    ended |= starts && (r.cap() < r.len() || length == LENGTH);
    return n > 0;
  }

  /** What comes next does not follow what is here. */
  void end() {
    ended |= length > 0;
  }

  void forget() {
    bytes = NONE;
    length = 0;
    ended = true;
  }

  /** 0 to 255, or -1 where nothing is. */
  int at(int i) {
    return i >= 0 && i < length ? bytes[i] & 0xff : -1;
  }

  /** Big endian; -1 beyond the end. */
  int u16(int i) {
    return i >= 0 && i <= length - 2 ? at(i) << 8 | at(i + 1) : -1;
  }

  /** Big endian; -1 beyond the end. */
  long u32(int i) {
    return i >= 0 && i <= length - 4 ? (long) u16(i) << 16 | u16(i + 2) : -1;
  }

  /** Little endian; -1 beyond the end. */
  long u32le(int i) {
    return i >= 0 && i <= length - 4 ? Integer.toUnsignedLong(Integer.reverseBytes((int) u32(i))) : -1;
  }

  /** Whether these ASCII characters are at {@code i}. */
  boolean has(int i, String ascii) {
    for (int k = 0; k < ascii.length(); k++) if (at(i + k) != ascii.charAt(k)) return false;
    return true;
  }

  /** Whether all bytes from {@code from} on, up to {@code to} or the end, are printable ASCII. */
  boolean printable(int from, int to) {
    for (int i = from; i < Math.min(to, length); i++) if (at(i) < ' ' || at(i) > '~') return false;
    return true;
  }

  /** The first {@code b} from {@code from} on, -1 if there is none. */
  int find(int b, int from) {
    for (int i = from; i < length; i++) if (at(i) == b) return i;
    return -1;
  }
}
