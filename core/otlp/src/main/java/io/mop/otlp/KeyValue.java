package io.mop.otlp;

import static io.mop.otlp.Wire.next;
import static io.mop.otlp.Wire.value;

import io.mop.api.data.Value.Type;

/** Reads a KeyValue message; holds the value it read last. Of several keys or values the last counts. */
final class KeyValue {
  /** Tag of the value. */
  static final int VALUE = 0x12;

  Type type = Type.ABSENT;
  /** Where a text, bytes, or the body of an array or map begins. */
  int at;
  /** Its bytes. */
  int length;
  /** An integer, a double's bits, or 1 for true. */
  long bits;

  /** Where the key begins, and as value how many bytes it has. */
  static long key(byte[] b, int at, int end) {
    int length = plainKey(b, at, end, Wire.peek(b, at));
    return length >= 0 ? Wire.pair(length, at + 2) : anyKey(b, at, end);
  }

  /**
   * Bytes of the key of a plain KeyValue: a key of at most 127 bytes at {@code at + 2}, then a value or nothing; -1 if
   * it is not plain. {@code peeked} = what is at {@code at}.
   */
  static int plainKey(byte[] b, int at, int end, long peeked) {
    if (!Wire.begins(peeked, 0x0A) || end - at < 2) return -1;
    int length = Wire.shortLength(peeked);
    int after = at + 2 + length;
    if (after >= end) return after == end ? length : -1;
    long next = Wire.peek(b, after);
    boolean plain = Wire.begins(next, 0x12) ? after + 2 + Wire.shortLength(next) == end : closes(b, after, end);
    return plain ? length : -1;
  }

  /** True if the last field of the message begins here and is the value. */
  private static boolean closes(byte[] b, int at, int end) {
    if (b[at] != 0x12) return false;
    long length = Wire.u32(b, at + 1);
    return next(length) + value(length) == end;
  }

  private static long anyKey(byte[] b, int at, int end) {
    long key = Wire.pair(0, at);
    while (at < end) {
      long tag = Wire.u32(b, at);
      if (value(tag) == 0x0A) key = Wire.u32(b, next(tag));
      at = Wire.skip(b, value(tag), next(tag));
    }
    return key;
  }

  /** Reads the value of the KeyValue between {@code at} and {@code end}. */
  void read(byte[] b, int at, int end) {
    read(b, at, end, VALUE);
  }

  /** Reads the AnyValue that is field {@code valueTag} of the message between {@code at} and {@code end}. */
  void read(byte[] b, int at, int end, int valueTag) {
    type = Type.EMPTY;
    while (at < end) {
      long read = Wire.u32(b, at);
      int tag = value(read);
      at = next(read);
      if (tag == valueTag) {
        read = Wire.u32(b, at);
        at = next(read) + value(read);
        any(b, next(read), at);
      } else {
        at = Wire.skip(b, tag, at);
      }
    }
  }

  /** Reads the AnyValue between {@code at} and {@code end}. */
  void readAny(byte[] b, int at, int end) {
    type = Type.EMPTY;
    any(b, at, end);
  }

  private void any(byte[] b, int from, int end) {
    while (from < end) {
      long read = Wire.u32(b, from);
      int tag = value(read);
      from = next(read);
      switch (tag) {
        case 0x0A -> body(Type.TEXT, b, from);
        case 0x10 -> {
          type = Type.BOOL;
          bits = Wire.varint(b, from) == 0 ? 0 : 1;
        }
        case 0x18 -> {
          type = Type.INT;
          bits = Wire.varint(b, from);
        }
        case 0x21 -> {
          type = Type.DOUBLE;
          bits = Wire.fixed64(b, from);
        }
        case 0x2A -> body(Type.ARRAY, b, from);
        case 0x32 -> body(Type.MAP, b, from);
        case 0x3A -> body(Type.BYTES, b, from);
        // string_value_strindex belongs to profiles; elsewhere it says nothing
        case 0x40 -> type = Type.EMPTY;
        default -> { }
      }
      from = Wire.skip(b, tag, from);
    }
  }

  private void body(Type as, byte[] b, int from) {
    long read = Wire.u32(b, from);
    type = as;
    at = next(read);
    length = value(read);
  }
}
