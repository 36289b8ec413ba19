package io.mop.otlp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Protobuf wire format in an array whose structure was checked and which has {@link #PAD} bytes more than its content.
 * A tag or length and the position after it come as one long: value in the high, position in the low 32 bits.
 */
final class Wire {
  /** So many bytes after the content may be read, though they say nothing. */
  static final int PAD = 8;

  /** Little-endian. */
  static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  /** Big-endian. */
  static final VarHandle ID = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LEN = 2;
  static final int START_GROUP = 3;
  static final int END_GROUP = 4;
  static final int FIXED32 = 5;

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
  static long u32(byte[] b, int at) {
    int x = b[at];
    if (x >= 0) return pair(x, at + 1);
    int y = b[at + 1];
    if (y >= 0) return pair(x & 0x7F | y << 7, at + 2);
    return pair((int) varint(b, at), skipVarint(b, at + 2));
  }

  /** The eight bytes at {@code at}, the first lowest: one read for a tag, a length and what follows. */
  static long peek(byte[] b, int at) {
    return (long) LONG.get(b, at);
  }

  /** True if what was peeked begins with this one-byte tag and a one-byte length. */
  static boolean begins(long peeked, int tag) {
    return (peeked & 0x80FF) == tag;
  }

  /** The one-byte length after a one-byte tag. */
  static int shortLength(long peeked) {
    return (int) (peeked >>> 8) & 0x7F;
  }

  static long varint(byte[] b, int at) {
    long v = 0;
    for (int shift = 0; ; shift += 7) {
      byte x = b[at++];
      v |= (x & 0x7FL) << shift;
      if (x >= 0) return v;
    }
  }

  static int skipVarint(byte[] b, int at) {
    while (b[at++] < 0) {
      // the last byte has no continuation bit
    }
    return at;
  }

  static long fixed64(byte[] b, int at) {
    return (long) LONG.get(b, at);
  }

  /** The position after the field whose tag ends at {@code at}. */
  static int skip(byte[] b, int tag, int at) {
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

  /** The last eight bytes of a text, of fewer those there are: tells most keys of one length apart. */
  static long tail(byte[] b, int at, int length) {
    return length >= 8 ? peek(b, at + length - 8) : peek(b, at) & (1L << 8 * length) - 1;
  }

  /** One of 64 bits that tells many keys apart at once: of its length, a middle and the last byte. */
  static long mark(byte[] b, int at, int length) {
    return 1L << length + 7 * b[at + (length >> 1)] + 11 * b[at + length - 1];
  }

  /** True if {@code length} bytes of the two are the same. */
  static boolean same(byte[] a, int at, byte[] b, int from, int length) {
    return Arrays.equals(a, at, at + length, b, from, from + length);
  }

  static int sizeOfVarint(long v) {
    return (70 - Long.numberOfLeadingZeros(v | 1)) / 7;
  }
}
