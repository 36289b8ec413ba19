package io.mop.testkit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads one protobuf message, field by field; what is not one is an {@code IllegalArgumentException}. */
final class ProtoReader {
  private final byte[] b;
  private final int end;
  private int at;
  private int field;
  private int type;
  private long number;
  private int from;

  ProtoReader(byte[] b) {
    this(b, 0, b.length);
  }

  private ProtoReader(byte[] b, int at, int end) {
    this.b = b;
    this.at = at;
    this.end = end;
  }

  /** Moves to the next field; false when there is none. */
  boolean next() {
    if (at == end) return false;
    long tag = varint();
    field = (int) (tag >>> 3);
    type = (int) tag & 7;
    from = at;
    switch (type) {
      case 0 -> number = varint();
      case 1 -> number = fixed(8);
      case 5 -> number = fixed(4);
      case 2 -> {
        long length = varint();
        if (length < 0 || length > end - at) throw new IllegalArgumentException("length " + length);
        from = at;
        at += (int) length;
      }
      default -> throw new IllegalArgumentException("wire type " + type);
    }
    return true;
  }

  int field() {
    return field;
  }

  /** Whether this is the length-delimited field of that number. */
  boolean is(int number) {
    return field == number && type == 2;
  }

  long number() {
    if (type == 2) throw new IllegalArgumentException("field " + field + ": expected a number");
    return number;
  }

  int length() {
    if (type != 2) throw new IllegalArgumentException("field " + field + ": expected bytes");
    return at - from;
  }

  ProtoReader message() {
    return new ProtoReader(b, from, from + length());
  }

  /** A copy. */
  ByteBuffer bytes() {
    return ByteBuffer.wrap(Arrays.copyOfRange(b, from, from + length()));
  }

  String text() {
    return new String(b, from, length(), StandardCharsets.UTF_8);
  }

  /** The eight bytes from {@code offset} on as a big-endian number, of {@code length} in all. */
  long id(int offset, int length) {
    if (length() != length) throw new IllegalArgumentException("field " + field + ": expected " + length + " bytes");
    long v = 0;
    for (int i = 0; i < 8; i++) v = v << 8 | b[from + offset + i] & 0xff;
    return v;
  }

  private long varint() {
    long v = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at == end) throw new IllegalArgumentException("ends within a field");
      byte x = b[at++];
      v |= (long) (x & 0x7f) << shift;
      if (x >= 0) return v;
    }
    throw new IllegalArgumentException("varint of more than 10 bytes");
  }

  private long fixed(int size) {
    if (end - at < size) throw new IllegalArgumentException("ends within a field");
    long v = 0;
    for (int i = 0; i < size; i++) v |= (b[at++] & 0xffL) << 8 * i;
    return v;
  }
}
