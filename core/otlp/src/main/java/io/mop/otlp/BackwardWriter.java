package io.mop.otlp;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;

/**
 * Writes from the end of a buffer to its beginning, so that a message's length is known when its header is due. Small
 * pieces are gathered in an array, as a buffer takes them slowly.
 */
final class BackwardWriter {
  private static final int SMALL = 1024;

  private final byte[] gathered = new byte[8 * SMALL];
  /** Where what is gathered begins. */
  private int first = gathered.length;
  private ByteBuffer target = ByteBuffer.allocate(0);
  private int floor;
  private int at;

  void begin(ByteBuffer target) {
    this.target = target;
    floor = target.position();
    at = target.limit();
    first = gathered.length;
  }

  /** Moves the target's position to where the output begins. */
  void end() {
    flush();
    target.position(at);
  }

  /** Where what was written last begins. */
  int at() {
    return at - gathered.length + first;
  }

  void copy(byte[] from, int start, int end) {
    int n = end - start;
    if (n > SMALL) {
      flush();
      put(from, start, n);
    } else if (n > 0) {
      System.arraycopy(from, start, gathered, room(n), n);
    }
  }

  void varint(long v) {
    int n = Wire.sizeOfVarint(v);
    int p = room(n);
    for (; n > 1; n--, v >>>= 7) gathered[p++] = (byte) (v | 0x80);
    gathered[p] = (byte) v;
  }

  void fixed64(long v) {
    Wire.LONG.set(gathered, room(8), v);
  }

  void tag(int tag) {
    gathered[room(1)] = (byte) tag;
  }

  /** Tag and length of the message whose body was written since the position was {@code end}. */
  void header(int tag, int end) {
    varint(end - at());
    tag(tag);
  }

  private int room(int n) {
    if (n > first) flush();
    return first -= n;
  }

  private void flush() {
    int n = gathered.length - first;
    if (n > 0) put(gathered, first, n);
    first = gathered.length;
  }

  private void put(byte[] from, int start, int n) {
    if (n > at - floor) throw new BufferOverflowException();
    at -= n;
    target.put(at, from, start, n);
  }
}
