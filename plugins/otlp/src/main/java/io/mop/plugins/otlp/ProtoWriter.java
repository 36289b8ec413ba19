package io.mop.plugins.otlp;

import io.mop.api.pipeline.Receiver.Refused;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes protobuf forwards; a nested message's length is filled in when it ends, moving the message if it must. */
final class ProtoWriter {
  private static final int VARINT_MAX = 10;
  private static final int CHUNK = 4 << 10;

  private final Growing out;
  private final byte[] chunk = new byte[CHUNK];

  ProtoWriter(Growing out) {
    this.out = out;
  }

  void tag(int tag) throws Refused, Growing.TooLarge {
    varint(tag);
  }

  void varint(long value) throws Refused, Growing.TooLarge {
    ByteBuffer b = room(VARINT_MAX);
    long rest = value;
    for (; (rest & ~0x7FL) != 0; rest >>>= 7) b.put((byte) (rest | 0x80));
    b.put((byte) rest);
  }

  void fixed32(int value) throws Refused, Growing.TooLarge {
    ByteBuffer b = out.room(Integer.BYTES);
    b.putInt(b.order() == ByteOrder.BIG_ENDIAN ? Integer.reverseBytes(value) : value);
  }

  void fixed64(long value) throws Refused, Growing.TooLarge {
    ByteBuffer b = out.room(Long.BYTES);
    b.putLong(b.order() == ByteOrder.BIG_ENDIAN ? Long.reverseBytes(value) : value);
  }

  void bytes(byte[] value) throws Refused, Growing.TooLarge {
    varint(value.length);
    out.room(value.length).put(value);
  }

  /**
   * Writes length and UTF-8 of text.
   *
   * @return false, with nothing written, if a surrogate has no partner
   */
  boolean text(char[] chars, int offset, int length) throws Refused, Growing.TooLarge {
    long size = utf8Length(chars, offset, length);
    if (size < 0) return false;
    if (size > Integer.MAX_VALUE) throw Growing.TooLarge.INSTANCE;
    varint(size);
    ByteBuffer b = out.room((int) size);
    int n = 0;
    for (int i = offset; i < offset + length; i++) {
      if (n > CHUNK - 4) {
        b.put(chunk, 0, n);
        n = 0;
      }
      char c = chars[i];
      if (c < 0x80) {
        chunk[n++] = (byte) c;
      } else if (c < 0x800) {
        chunk[n++] = (byte) (0xC0 | c >> 6);
        chunk[n++] = (byte) (0x80 | c & 0x3F);
      } else if (!Character.isSurrogate(c)) {
        chunk[n++] = (byte) (0xE0 | c >> 12);
        chunk[n++] = (byte) (0x80 | c >> 6 & 0x3F);
        chunk[n++] = (byte) (0x80 | c & 0x3F);
      } else {
        int point = Character.toCodePoint(c, chars[++i]);
        chunk[n++] = (byte) (0xF0 | point >> 18);
        chunk[n++] = (byte) (0x80 | point >> 12 & 0x3F);
        chunk[n++] = (byte) (0x80 | point >> 6 & 0x3F);
        chunk[n++] = (byte) (0x80 | point & 0x3F);
      }
    }
    b.put(chunk, 0, n);
    return true;
  }

  private static long utf8Length(char[] chars, int offset, int length) {
    long size = length;
    for (int i = offset; i < offset + length; i++) {
      char c = chars[i];
      if (c < 0x80) continue;
      if (Character.isSurrogate(c)) {
        boolean pair = Character.isHighSurrogate(c) && i + 1 < offset + length
            && Character.isLowSurrogate(chars[i + 1]);
        if (!pair) return -1;
        size += 2; // two chars are four bytes
        i++;
      } else {
        size += c < 0x800 ? 1 : 2;
      }
    }
    return size;
  }

  /**
   * Begins a length-delimited value, leaving room for its length.
   *
   * @param lengthBytes how long the length will probably be, 1 to 5
   * @return to be given to {@link #end}
   */
  int begin(int lengthBytes) throws Refused, Growing.TooLarge {
    ByteBuffer b = out.room(lengthBytes);
    int start = b.position();
    b.position(start + lengthBytes);
    return start;
  }

  void end(int start, int lengthBytes) throws Refused, Growing.TooLarge {
    int length = out.size() - start - lengthBytes;
    int needed = varintSize(length);
    ByteBuffer b = room(Math.max(0, needed - lengthBytes));
    if (needed != lengthBytes) b.put(start + needed, b, start + lengthBytes, length);
    int rest = length;
    int at = start;
    for (; rest > 0x7F; rest >>>= 7) b.put(at++, (byte) (rest | 0x80));
    b.put(at, (byte) rest);
    b.position(start + needed + length);
  }

  private ByteBuffer room(int most) throws Refused, Growing.TooLarge {
    return out.room(most);
  }

  private static int varintSize(int value) {
    return value == 0 ? 1 : (38 - Integer.numberOfLeadingZeros(value)) / 7;
  }
}
