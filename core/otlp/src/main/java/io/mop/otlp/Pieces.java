package io.mop.otlp;

import java.util.Arrays;

/** Where a message lies that may come in several pieces: every occurrence of one field of its parent, in order. */
final class Pieces {
  int size;
  int[] tag = new int[4];
  int[] body = new int[4];
  int[] end = new int[4];

  void clear() {
    size = 0;
  }

  void add(int tagAt, int bodyAt, int endAt) {
    if (size == tag.length) {
      tag = Arrays.copyOf(tag, 2 * size);
      body = Arrays.copyOf(body, 2 * size);
      end = Arrays.copyOf(end, 2 * size);
    }
    tag[size] = tagAt;
    body[size] = bodyAt;
    end[size++] = endAt;
  }

  /** Finds the occurrences of the length-delimited field in the parent's body. */
  void find(byte[] b, int field, int at, int parentEnd) {
    size = 0;
    while (at < parentEnd) {
      int tagAt = at;
      long read = Wire.u32(b, at);
      at = Wire.skip(b, Wire.value(read), Wire.next(read));
      if (Wire.value(read) == field) {
        long length = Wire.u32(b, Wire.next(read));
        add(tagAt, Wire.next(length), at);
      }
    }
  }
}
