package io.mop.otlp;

import java.nio.ByteBuffer;

/** Keys of one level to columns. Most keys are told apart by their length, the rest by their last eight bytes. */
final class KeyTable {
  final int columns;
  private final long lengths;
  private final int mask;
  private final byte[][] keys;
  private final long[] tails;
  private final int[] column;

  KeyTable(byte[][] keyOfColumn) {
    columns = keyOfColumn.length;
    int size = Integer.highestOneBit(Math.max(1, columns)) * 4;
    mask = size - 1;
    keys = new byte[size][];
    tails = new long[size];
    column = new int[size];
    long seen = 0;
    for (int c = 0; c < columns; c++) {
      byte[] key = keyOfColumn[c];
      seen |= 1L << key.length;
      long tail = tail(ByteBuffer.wrap(key), 0, key.length);
      int h = hash(tail, key.length);
      while (keys[h] != null) h = h + 1 & mask;
      keys[h] = key;
      tails[h] = tail;
      column[h] = c;
    }
    lengths = seen;
  }

  /** The key's column or -1. */
  int find(ByteBuffer b, int at, int length) {
    if ((lengths >>> length & 1) == 0) return -1;
    long tail = tail(b, at, length);
    for (int h = hash(tail, length); keys[h] != null; h = h + 1 & mask) {
      if (tails[h] == tail && keys[h].length == length && (length <= 8 || Wire.same(b, at, keys[h], 0, length - 8))) return column[h];
    }
    return -1;
  }

  private int hash(long tail, int length) {
    return (int) ((tail + length) * 0x9E3779B97F4A7C15L >>> 40) & mask;
  }

  private static long tail(ByteBuffer b, int at, int length) {
    if (length >= 8) return (long) Wire.LONG.get(b, at + length - 8);
    long v = 0;
    for (int i = 0; i < length; i++) v = v << 8 | b.get(at + i) & 0xFF;
    return v;
  }
}
