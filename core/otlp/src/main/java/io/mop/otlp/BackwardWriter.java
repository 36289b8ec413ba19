package io.mop.otlp;

import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;

/** Writes from the end of a buffer to its beginning, so that a message's length is known when its header is due. */
final class BackwardWriter {
  private ByteBuffer target = ByteBuffer.allocate(0);
  private int floor;
  private int at;

  void begin(ByteBuffer target) {
    this.target = target;
    floor = target.position();
    at = target.limit();
  }

  /** Where what was written last begins. */
  int at() {
    return at;
  }

  private int room(int n) {
    if (n > at - floor) throw new BufferOverflowException();
    return at -= n;
  }

  void copy(ByteBuffer from, int start, int end) {
    if (end > start) target.put(room(end - start), from, start, end - start);
  }

  void bytes(byte[] from, int start, int length) {
    target.put(room(length), from, start, length);
  }

  void varint(long v) {
    int n = Wire.sizeOfVarint(v);
    int p = room(n);
    for (; n > 1; n--, v >>>= 7) target.put(p++, (byte) (v | 0x80));
    target.put(p, (byte) v);
  }

  void fixed64(long v) {
    Wire.LONG.set(target, room(8), v);
  }

  void tag(int tag) {
    target.put(room(1), (byte) tag);
  }

  /** Tag and length of the message whose body was written since the position was {@code end}. */
  void header(int tag, int end) {
    varint(end - at);
    tag(tag);
  }
}
