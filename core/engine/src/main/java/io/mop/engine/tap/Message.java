package io.mop.engine.tap;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Reads the fields of a protobuf message one after the other; the structure was checked at the door. */
final class Message {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int START_GROUP = 3;
  private static final int END_GROUP = 4;

  private final ByteBuffer bytes;
  private int at;
  private final int end;
  private int type;
  /** Number of the field. */
  int number;
  /** Where its tag begins. */
  int begin;
  /** Its content, if it is a message, text or bytes, else an empty range. */
  int from;
  int to;
  /** Its value, if it is a number. */
  long bits;

  private Message(ByteBuffer bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  static Message of(ByteBuffer wire) {
    return new Message(wire.duplicate().order(ByteOrder.LITTLE_ENDIAN), wire.position(), wire.limit());
  }

  static Message of(byte[] body) {
    return of(ByteBuffer.wrap(body));
  }

  /** Goes to the next field; false if there is none. */
  boolean next() {
    if (at >= end) return false;
    begin = at;
    long tag = varint();
    number = (int) tag >>> 3;
    type = (int) tag & 7;
    content();
    return true;
  }

  private void content() {
    from = at;
    to = at;
    switch (type) {
      case VARINT -> bits = varint();
      case FIXED64 -> {
        bits = bytes.getLong(at);
        at += 8;
      }
      case LENGTH -> {
        int length = (int) varint();
        if (length < 0 || length > end - at) throw new IllegalStateException("length " + length + " at byte " + at);
        from = at;
        at += length;
        to = at;
      }
      case START_GROUP -> {
        int group = number;
        for (boolean inside = true; inside; ) {
          long tag = varint();
          number = (int) tag >>> 3;
          type = (int) tag & 7;
          inside = type != END_GROUP;
          if (inside) content();
        }
        number = group;
        type = START_GROUP;
        from = at;
        to = at;
      }
      default -> {
        bits = bytes.getInt(at);
        at += 4;
      }
    }
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = bytes.get(at++);
      if (shift < 64) value |= (b & 0x7FL) << shift;
      if (b >= 0) return value;
    }
  }

  /** True for a message, text or bytes of this number. */
  boolean is(int field) {
    return number == field && type == LENGTH;
  }

  /** True for a number of 8 bytes. */
  boolean isFixed64(int field) {
    return number == field && type == FIXED64;
  }

  boolean isVarint(int field) {
    return number == field && type == VARINT;
  }

  /** Where the field ends. */
  int end() {
    return at;
  }

  /** The content, as a message. */
  Message message() {
    return new Message(bytes, from, to);
  }

  String text() {
    return new String(content(from, to), StandardCharsets.UTF_8);
  }

  /** A copy of any bytes of the message. */
  byte[] content(int first, int last) {
    byte[] copy = new byte[last - first];
    bytes.get(first, copy);
    return copy;
  }
}
