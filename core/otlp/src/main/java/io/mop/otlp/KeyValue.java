package io.mop.otlp;

import static io.mop.otlp.Wire.next;
import static io.mop.otlp.Wire.value;

import io.mop.api.data.Value.Type;
import java.nio.ByteBuffer;

/** Reads a KeyValue message; holds the value it read last. Of several keys or values the last counts. */
final class KeyValue {
  Type type = Type.ABSENT;
  /** Where a text, bytes, or the body of an array or map begins. */
  int at;
  /** Its bytes. */
  int length;
  /** An integer, a double's bits, or 1 for true. */
  long bits;

  /** Where the key begins, and as value how many bytes it has. */
  static long key(ByteBuffer b, int at, int end) {
    if (end - at > 2 && b.get(at) == 0x0A) {
      int length = b.get(at + 1);
      int after = at + 2 + length;
      if (length >= 0 && (after == end || b.get(after) == 0x12 && closes(b, after + 1, end))) {
        return Wire.pair(length, at + 2);
      }
    }
    return anyKey(b, at, end);
  }

  /** True if the length-delimited field whose length is at {@code at} is the last of the message. */
  private static boolean closes(ByteBuffer b, int at, int end) {
    long length = Wire.u32(b, at);
    return next(length) + value(length) == end;
  }

  private static long anyKey(ByteBuffer b, int at, int end) {
    long key = Wire.pair(0, at);
    while (at < end) {
      long tag = Wire.u32(b, at);
      if (value(tag) == 0x0A) key = Wire.u32(b, next(tag));
      at = Wire.skip(b, value(tag), next(tag));
    }
    return key;
  }

  /** Reads the value of the KeyValue between {@code at} and {@code end}. */
  void read(ByteBuffer b, int at, int end) {
    type = Type.EMPTY;
    while (at < end) {
      long read = Wire.u32(b, at);
      int tag = value(read);
      at = next(read);
      if (tag == 0x12) {
        read = Wire.u32(b, at);
        at = next(read) + value(read);
        any(b, next(read), at);
      } else {
        at = Wire.skip(b, tag, at);
      }
    }
  }

  private void any(ByteBuffer b, int from, int end) {
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

  private void body(Type as, ByteBuffer b, int from) {
    long read = Wire.u32(b, from);
    type = as;
    at = next(read);
    length = value(read);
  }
}
