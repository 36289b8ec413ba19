package io.mop.otlp;

import java.util.Arrays;

/** Keys of one level to columns. Most keys are told apart by their mark, the rest by their last eight bytes. */
final class KeyTable {
  final int columns;
  private final long marks;
  private final int mask;
  private final byte[][] keys;
  private final long[] tails;
  private final int[] column;

  KeyTable(byte[][] keyOfColumn, long[] tailOfColumn) {
    columns = keyOfColumn.length;
    int size = Integer.highestOneBit(Math.max(1, columns)) * 4;
    mask = size - 1;
    keys = new byte[size][];
    tails = new long[size];
    column = new int[size];
    long seen = 0;
    for (int c = 0; c < columns; c++) {
      byte[] key = keyOfColumn[c];
      seen |= Wire.mark(key, 0, key.length);
      long tail = tailOfColumn[c];
      int h = hash(tail, key.length);
      while (keys[h] != null) h = h + 1 & mask;
      keys[h] = key;
      tails[h] = tail;
      column[h] = c;
    }
    marks = seen;
  }

  /** A key whose mark is not among these has no column. */
  long marks() {
    return marks;
  }

  /** The key's column or -1. */
  private int find(byte[] b, int at, int length) {
    long tail = Wire.tail(b, at, length);
    for (int h = hash(tail, length); keys[h] != null; h = h + 1 & mask) {
      if (tails[h] == tail && keys[h].length == length
          && (length <= 8 || Wire.same(b, at, keys[h], 0, length - 8))) {
        return column[h];
      }
    }
    return -1;
  }

  /**
   * Notes in the row that begins at {@code row} where the KeyValue of a key lies, if the key has a column and none was
   * noted: the first attribute of a key is the one that counts. False if there was one.
   */
  boolean put(byte[] b, int keyAt, int keyLength, int[] found, int row, int at, int end) {
    int column = find(b, keyAt, keyLength);
    if (column < 0) return true;
    int slot = row + 2 * column;
    if (found[slot] >= 0) return false;
    found[slot] = at;
    found[slot + 1] = end;
    return true;
  }

  /** Makes room for {@code rows} rows and empties one. */
  int[] clear(int[] found, int row, int rows) {
    int from = 2 * row * columns;
    int to = from + 2 * columns;
    if (to > found.length) found = Arrays.copyOf(found, Math.multiplyExact(2 * columns, rows));
    for (int i = from; i < to; i++) found[i] = -1;
    return found;
  }

  private int hash(long tail, int length) {
    return (int) ((tail + length) * 0x9E3779B97F4A7C15L >>> 40) & mask;
  }
}
