package io.mop.capture;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Byte arrays of powers of two, used again; what is handed out or claimed is bounded. For the ring thread. */
final class Buffers {
  private static final int SMALLEST = 9;
  private final List<ArrayDeque<byte[]>> free = new ArrayList<>();
  private final long limit;
  private long out;
  private long pooled;

  Buffers(long limit) {
    this.limit = limit;
    for (int bits = SMALLEST; bits <= 27; bits++) free.add(new ArrayDeque<>());
  }

  /** An array of at least {@code n} bytes, or an empty one when the limit is reached. */
  byte[] take(int n) {
    int bits = Math.max(SMALLEST, 32 - Integer.numberOfLeadingZeros(n - 1));
    int size = 1 << bits;
    if (out + size > limit) return ByteStream.NONE;
    out += size;
    byte[] pooledOne = free.get(bits - SMALLEST).pollLast();
    if (pooledOne == null) return new byte[size];
    pooled -= size;
    return pooledOne;
  }

  void give(byte[] bytes) {
    if (bytes.length == 0) return;
    out -= bytes.length;
    if (pooled + bytes.length > limit / 8) return;
    pooled += bytes.length;
    free.get(Integer.numberOfTrailingZeros(bytes.length) - SMALLEST).addLast(bytes);
  }

  /** Counts memory that others hold; false, and nothing is counted, when the limit is reached. */
  boolean claim(int n) {
    if (out + n > limit) return false;
    out += n;
    return true;
  }

  void release(int n) {
    out -= n;
  }

  /** Bytes handed out and claimed. */
  long out() {
    return out;
  }
}
