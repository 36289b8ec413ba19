package io.mop.otlp;

import java.nio.ByteBuffer;

/** Copies a checked request of traces without the spans that have no valid ids. */
final class ItemRemoval {
  private static final int TRACE_ID = 1;
  private static final int SPAN_ID = 2;
  /** Field of the next level: resource_spans, scope_spans, spans. */
  private static final int[] PATH = {1, 2, 2};

  private final byte[] b;
  private final ByteBuffer out;

  /** @param out written from its position on; never further than what was read */
  ItemRemoval(byte[] b, ByteBuffer out) {
    this.b = b;
    this.out = out;
  }

  /** Returns how many bytes were written. */
  int spans(int length) {
    int begin = out.position();
    copy(0, length, 0);
    return out.position() - begin;
  }

  private void copy(int at, int end, int level) {
    while (at < end) {
      int fieldAt = at;
      long read = Wire.u32(b, at);
      int tag = Wire.value(read);
      int next = Wire.skip(b, tag, Wire.next(read));
      at = next;
      if (tag != (PATH[level] << 3 | Wire.LEN)) {
        out.put(b, fieldAt, next - fieldAt);
        continue;
      }
      int lengthAt = Wire.next(read);
      int body = Wire.next(Wire.u32(b, lengthAt));
      if (level == PATH.length - 1) {
        if (validSpan(body, next)) out.put(b, fieldAt, next - fieldAt);
        continue;
      }
      out.put(b, fieldAt, body - fieldAt);
      int written = out.position();
      copy(body, next, level + 1);
      length(written - (body - lengthAt), body - lengthAt, out.position() - written);
    }
  }

  /** A varint of {@code width} bytes, whatever its value needs. */
  private void length(int at, int width, int value) {
    int rest = value;
    for (int i = 0; i < width; i++, rest >>>= 7) out.put(at + i, (byte) (rest & 0x7F | (i < width - 1 ? 0x80 : 0)));
  }

  private boolean validSpan(int at, int end) {
    boolean trace = false;
    boolean span = false;
    while (at < end) {
      long read = Wire.u32(b, at);
      int tag = Wire.value(read);
      int next = Wire.skip(b, tag, Wire.next(read));
      if (tag == (TRACE_ID << 3 | Wire.LEN)) trace = validId(b, TRACE_ID, Wire.next(Wire.u32(b, Wire.next(read))), next);
      if (tag == (SPAN_ID << 3 | Wire.LEN)) span = validId(b, SPAN_ID, Wire.next(Wire.u32(b, Wire.next(read))), next);
      at = next;
    }
    return trace && span;
  }

  /** Whether the bytes are a trace id of a span (field 1) or its own id (field 2): 16 or 8 bytes, not all of them 0. */
  static boolean validId(byte[] b, int field, int at, int end) {
    if (field == SPAN_ID) return end - at == 8 && (long) Wire.ID.get(b, at) != 0;
    return end - at == 16 && ((long) Wire.ID.get(b, at) | (long) Wire.ID.get(b, at + 8)) != 0;
  }
}
