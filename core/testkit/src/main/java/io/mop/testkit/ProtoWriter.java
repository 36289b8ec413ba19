package io.mop.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes one protobuf message, field by field. */
final class ProtoWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  ProtoWriter varint(int field, long value) {
    raw((long) field << 3);
    raw(value);
    return this;
  }

  ProtoWriter fixed64(int field, long value) {
    raw((long) field << 3 | 1);
    for (int i = 0; i < 64; i += 8) out.write((int) (value >>> i));
    return this;
  }

  /** Also a message. */
  ProtoWriter bytes(int field, byte[] bytes) {
    raw((long) field << 3 | 2);
    raw(bytes.length);
    out.writeBytes(bytes);
    return this;
  }

  ProtoWriter text(int field, String text) {
    return bytes(field, text.getBytes(StandardCharsets.UTF_8));
  }

  byte[] toByteArray() {
    return out.toByteArray();
  }

  private void raw(long v) {
    for (; (v & ~0x7fL) != 0; v >>>= 7) out.write((int) (v & 0x7f) | 0x80);
    out.write((int) v);
  }
}
