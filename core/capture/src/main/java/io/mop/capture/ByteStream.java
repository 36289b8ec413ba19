package io.mop.capture;

import io.mop.api.capture.Stream;
import io.mop.api.data.Text;
import java.util.Arrays;
import java.util.Objects;

/**
 * Unread bytes of one direction: a queue of chunks, one a record, each with its true length, the captured head of it
 * and its time. Cut bytes take no memory. Holds memory only while bytes are unread.
 */
final class ByteStream implements Stream {
  static final byte[] NONE = {};
  private static final int MAX_CHUNKS = 1 << 13;
  private static final int KEEP_CHUNKS = 16;
  /** Memory of a chunk beside its bytes; where there are many it counts, or tiny records would take any memory. */
  private static final int CHUNK_BYTES = 2 * Integer.BYTES + Long.BYTES;

  private final Buffers buffers;
  private final int limit;
  private byte[] bytes = NONE;
  private int from;
  private int to;
  private int[] len = new int[2];
  private int[] cap = new int[2];
  private long[] time = new long[2];
  private int first;
  private int last;
  private int length;
  private int position;

  /** The chunk found last, the position of its first byte, and where that byte is in {@link #bytes}. */
  private int chunk;
  private int chunkAt;
  private int chunkByte;

  ByteStream(Buffers buffers, int limit) {
    this.buffers = buffers;
    this.limit = limit;
  }

  /**
   * Adds a record's bytes; false, and nothing changed, if a bound forbids it.
   *
   * @param begins position of the first of them; where bytes are unread, that after the last
   */
  boolean append(Record r, int begins) {
    int n = r.len();
    int captured = r.cap();
    if (length + n < 0 || to - from + captured > limit) return false;
    if (last == len.length && !room()) return false;
    if (captured > bytes.length - to && !fit(captured)) return false;
    r.payload(0, bytes, to, captured);
    to += captured;
    if (length == 0) position = begins;
    len[last] = n;
    cap[last] = captured;
    time[last++] = r.ts();
    length += n;
    if (last - first == 1) rewind();
    return true;
  }

  private boolean room() {
    int n = last - first;
    if (n >= MAX_CHUNKS) return false;
    boolean grow = n * 2 > len.length;
    if (grow && !buffers.claim(claimed(len.length * 2) - claimed(len.length))) return false;
    int[] newLen = grow ? new int[len.length * 2] : len;
    int[] newCap = grow ? new int[len.length * 2] : cap;
    long[] newTime = grow ? new long[len.length * 2] : time;
    System.arraycopy(len, first, newLen, 0, n);
    System.arraycopy(cap, first, newCap, 0, n);
    System.arraycopy(time, first, newTime, 0, n);
    len = newLen;
    cap = newCap;
    time = newTime;
    chunk -= first;
    first = 0;
    last = n;
    return true;
  }

  private static int claimed(int chunks) {
    return chunks > KEEP_CHUNKS ? chunks * CHUNK_BYTES : 0;
  }

  private boolean fit(int more) {
    int live = to - from;
    byte[] target = bytes;
    if (live + more > bytes.length) {
      target = buffers.take(live + more);
      if (target.length == 0) return false;
    }
    System.arraycopy(bytes, from, target, 0, live);
    if (target != bytes) buffers.give(bytes);
    bytes = target;
    chunkByte -= from;
    from = 0;
    to = live;
    return true;
  }

  /** Forgets all bytes. */
  void clear() {
    buffers.give(bytes);
    bytes = NONE;
    from = to = first = last = length = 0;
    if (len.length > KEEP_CHUNKS) {
      buffers.release(claimed(len.length));
      len = new int[2];
      cap = new int[2];
      time = new long[2];
    }
    rewind();
  }

  /** Of the first unread byte, or of the next if there is none, in the numbers of {@link #append}. */
  int position() {
    return position;
  }

  private void rewind() {
    chunk = first;
    chunkAt = 0;
    chunkByte = from;
  }

  private void locate(int i) {
    if (i < chunkAt) rewind();
    while (i - chunkAt >= len[chunk]) {
      chunkAt += len[chunk];
      chunkByte += cap[chunk++];
    }
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public byte at(int i) throws Gap {
    Objects.checkIndex(i, length);
    locate(i);
    int offset = i - chunkAt;
    if (offset >= cap[chunk]) throw Gap.GAP;
    return bytes[chunkByte + offset];
  }

  @Override
  public int find(byte b, int from, int limit) throws Gap {
    if (from < 0) throw new IndexOutOfBoundsException(from);
    int end = Math.min(limit, length);
    for (int i = from; i < end; ) {
      locate(i);
      int stop = Math.min(end, chunkAt + cap[chunk]);
      int shift = chunkByte - chunkAt;
      for (; i < stop; i++) if (bytes[shift + i] == b) return i;
      if (i < end && i < chunkAt + len[chunk]) throw Gap.GAP;
    }
    return -1;
  }

  @Override
  public Text text(int from, int to) throws Gap {
    Objects.checkFromToIndex(from, to, length);
    if (to - from > this.to - this.from) throw Gap.GAP;
    byte[] copy = new byte[to - from];
    for (int i = from; i < to; ) {
      locate(i);
      int offset = i - chunkAt;
      int n = Math.min(to - i, cap[chunk] - offset);
      if (n <= 0) throw Gap.GAP;
      System.arraycopy(bytes, chunkByte + offset, copy, i - from, n);
      i += n;
    }
    return Text.of(copy);
  }

  @Override
  public void skip(int n) {
    if (n < 0 || n > length) throw new IndexOutOfBoundsException("skip " + n + " of " + length);
    position += n;
    if (n == length) {
      clear();
      return;
    }
    length -= n;
    while (n >= len[first]) {
      n -= len[first];
      from += cap[first++];
    }
    int captured = Math.min(n, cap[first]);
    from += captured;
    cap[first] -= captured;
    len[first] -= n;
    rewind();
  }

  @Override
  public long time(int i) {
    Objects.checkIndex(i, length);
    locate(i);
    return time[chunk];
  }

  @Override
  public String toString() {
    return length + " unread bytes in " + (last - first) + " chunks " + Arrays.toString(Arrays.copyOf(len, last));
  }
}
