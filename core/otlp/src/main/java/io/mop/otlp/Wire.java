package io.mop.otlp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Protobuf wire format at absolute positions of a buffer whose structure was checked; whatever the buffer's byte order.
 * A tag or length and the position after it come as one long: value in the high, position in the low 32 bits.
 */
final class Wire {
  static final VarHandle LONG = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  static final VarHandle ID = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LEN = 2;
  static final int START_GROUP = 3;
  static final int END_GROUP = 4;
  static final int FIXED32 = 5;

  private static final VarHandle LONG_OF_ARRAY =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Wire() {}

  static int value(long pair) {
    return (int) (pair >>> 32);
  }

  static int next(long pair) {
    return (int) pair;
  }

  static long pair(int value, int next) {
    return (long) value << 32 | next;
  }

  /** A tag or length; as protobuf-java does, only the low 32 bits of a longer varint count. */
  static long u32(ByteBuffer b, int at) {
    int x = b.get(at);
    if (x >= 0) return pair(x, at + 1);
    int y = b.get(at + 1);
    if (y >= 0) return pair(x & 0x7F | y << 7, at + 2);
    return pair((int) varint(b, at), skipVarint(b, at + 2));
  }

  static long varint(ByteBuffer b, int at) {
    long v = 0;
    for (int shift = 0; ; shift += 7) {
      byte x = b.get(at++);
      v |= (x & 0x7FL) << shift;
      if (x >= 0) return v;
    }
  }

  static int skipVarint(ByteBuffer b, int at) {
    while (b.get(at++) < 0) {
      // the last byte has no continuation bit
    }
    return at;
  }

  static long fixed64(ByteBuffer b, int at) {
    return (long) LONG.get(b, at);
  }

  /** The position after the field whose tag ends at {@code at}. */
  static int skip(ByteBuffer b, int tag, int at) {
    switch (tag & 7) {
      case VARINT:
        return skipVarint(b, at);
      case FIXED64:
        return at + 8;
      case LEN:
        long length = u32(b, at);
        return next(length) + value(length);
      case START_GROUP:
        while (true) {
          long inner = u32(b, at);
          at = next(inner);
          if ((value(inner) & 7) == END_GROUP) return at;
          at = skip(b, value(inner), at);
        }
      case FIXED32:
        return at + 4;
      default:
        throw new IllegalStateException("tag " + tag + " at byte " + at + ": the structure was not checked");
    }
  }

  /** True if {@code length} bytes of the two are the same. */
  static boolean same(ByteBuffer b, int at, byte[] bytes, int from, int length) {
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      if ((long) LONG.get(b, at + i) != (long) LONG_OF_ARRAY.get(bytes, from + i)) return false;
    }
    for (; i < length; i++) {
      if (b.get(at + i) != bytes[from + i]) return false;
    }
    return true;
  }

  static int sizeOfVarint(long v) {
    return (70 - Long.numberOfLeadingZeros(v | 1)) / 7;
  }
}
