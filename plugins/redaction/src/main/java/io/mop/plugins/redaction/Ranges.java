package io.mop.plugins.redaction;

import java.util.Arrays;

/** Byte ranges of one text, in order and apart. */
final class Ranges {
  private int[] from = new int[16];
  private int[] to = new int[16];
  private int size;

  void clear() {
    size = 0;
  }

  int size() {
    return size;
  }

  int from(int i) {
    return from[i];
  }

  int to(int i) {
    return to[i];
  }

  /** Adds a range of 1 or more bytes; what overlaps becomes one. */
  void add(int start, int end) {
    if (end <= start) return;
    int first = size;
    while (first > 0 && to[first - 1] > start) first--;
    int after = first;
    while (after < size && from[after] < end) {
      start = Math.min(start, from[after]);
      end = Math.max(end, to[after]);
      after++;
    }
    if (after == first && size == from.length) {
      from = Arrays.copyOf(from, 2 * size);
      to = Arrays.copyOf(to, 2 * size);
    }
    System.arraycopy(from, after, from, first + 1, size - after);
    System.arraycopy(to, after, to, first + 1, size - after);
    size += 1 - (after - first);
    from[first] = start;
    to[first] = end;
  }
}
