package io.mop.otlp;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Byte ranges of a request and what comes in their place, recorded from front to back. Messages around a range are told
 * by {@link #open} and {@link #close}: their lengths are replaced as well, as soon as something in them is.
 */
final class Splices {
  /** Memory of more bytes than this is given back after the call that needed it. */
  private static final int KEEP = 1 << 20;
  private static final int STRIDE = 4;

  /** What comes in place of the ranges. */
  final GrowingBytes pool = new GrowingBytes(2 * EditList.LIMIT);
  /** Of each: begin, end, where its bytes begin in the pool, and how many there are. */
  private int[] splices = new int[64 * STRIDE];
  private int size;
  private int growth;

  private int depth;
  private int[] lengthAt = new int[16];
  private int[] bodyAt = new int[16];
  private int[] bodyEnd = new int[16];
  /** The splice of the message's length, -1 = none yet. */
  private int[] splice = new int[16];
  private int[] change = new int[16];

  void clear() {
    size = 0;
    growth = 0;
    depth = 0;
    if (splices.length > KEEP / Integer.BYTES) splices = new int[64 * STRIDE];
    pool.clear(KEEP);
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Bytes of the output beyond those of the input; may be negative. */
  int growth() {
    return growth;
  }

  /** From here on, until it is closed, splices lie in this message. */
  void open(int lengthAt, int bodyAt, int bodyEnd) {
    int d = depth++;
    if (d == splice.length) growFrames();
    this.lengthAt[d] = lengthAt;
    this.bodyAt[d] = bodyAt;
    this.bodyEnd[d] = bodyEnd;
    splice[d] = -1;
    change[d] = 0;
  }

  void close() {
    int d = --depth;
    int s = splice[d];
    if (s < 0) return;
    int at = pool.size();
    pool.addVarint(bodyEnd[d] - bodyAt[d] + change[d]);
    splices[s + 2] = at;
    splices[s + 3] = pool.size() - at;
    changed(change[d] + pool.size() - at - bodyAt[d] + lengthAt[d]);
  }

  /**
   * Puts the bytes that the pool has from {@code poolAt} on in the place of a range, at or after the last one's end.
   */
  void add(int from, int to, int poolAt) {
    for (int d = 0; d < depth; d++) {
      if (splice[d] < 0) splice[d] = append(lengthAt[d], bodyAt[d], 0, 0);
    }
    int length = pool.size() - poolAt;
    append(from, to, poolAt, length);
    changed(length - to + from);
  }

  private void changed(int bytes) {
    if (depth > 0) change[depth - 1] += bytes;
    else growth += bytes;
  }

  private int append(int from, int to, int poolAt, int length) {
    int at = size;
    if (at == splices.length) {
      if (Integer.BYTES * (long) at >= EditList.LIMIT) {
        throw new IllegalStateException("edits: expected at most " + EditList.LIMIT + " bytes in one call");
      }
      splices = Arrays.copyOf(splices, 2 * at);
    }
    splices[at] = from;
    splices[at + 1] = to;
    splices[at + 2] = poolAt;
    splices[at + 3] = length;
    size += STRIDE;
    return at;
  }

  /** Writes the {@code end} bytes of {@code wire} with the splices so that they end at the target's limit. */
  void write(byte[] wire, int end, ByteBuffer target) {
    int length = end + growth;
    if (length > target.remaining()) throw new BufferOverflowException();
    int to = target.limit() - length;
    target.position(to);
    int at = 0;
    for (int s = 0; s < size; s += STRIDE) {
      int from = splices[s];
      target.put(to, wire, at, from - at);
      to += from - at;
      target.put(to, pool.array(), splices[s + 2], splices[s + 3]);
      to += splices[s + 3];
      at = splices[s + 1];
    }
    target.put(to, wire, at, end - at);
  }

  private void growFrames() {
    int n = 2 * splice.length;
    lengthAt = Arrays.copyOf(lengthAt, n);
    bodyAt = Arrays.copyOf(bodyAt, n);
    bodyEnd = Arrays.copyOf(bodyEnd, n);
    splice = Arrays.copyOf(splice, n);
    change = Arrays.copyOf(change, n);
  }
}
