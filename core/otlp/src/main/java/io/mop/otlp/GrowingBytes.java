package io.mop.otlp;

import io.mop.api.data.Text;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/** Bytes that are appended to, reused and bounded. */
final class GrowingBytes {
  private static final int INITIAL = 1024;

  private final int limit;
  private byte[] bytes = new byte[INITIAL];
  private int size;

  GrowingBytes(int limit) {
    this.limit = limit;
  }

  byte[] array() {
    return bytes;
  }

  int size() {
    return size;
  }

  /** Forgets what lies from {@code size} on. */
  void cut(int size) {
    this.size = size;
  }

  /** Forgets all, and gives memory of more than {@code keep} bytes back. */
  void clear(int keep) {
    size = 0;
    if (bytes.length > keep) bytes = new byte[INITIAL];
  }

  /** Appends {@code n} bytes to be filled by the caller; returns where they begin. */
  int extend(int n) {
    int at = size;
    if (n > bytes.length - Wire.PAD - at) {
      if (n > limit - at) throw new IllegalStateException("texts and values: expected at most " + limit + " bytes");
      bytes = Arrays.copyOf(bytes, (int) Math.min(limit, Math.max(2L * bytes.length, at + n)) + Wire.PAD);
    }
    size = at + n;
    return at;
  }

  /** Appends the text, U+FFFD for what is not UTF-8; returns how many bytes that took. */
  int add(Text text) {
    int n = text.length();
    int at = extend(n);
    text.copy(0, n, bytes, at);
    if (!Utf8.valid(bytes, at, at + n)) {
      byte[] repaired = new String(bytes, at, n, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
      size = at;
      add(repaired);
    }
    return size - at;
  }

  /** Appends bytes {@code from} to before {@code to}, U+FFFD for what is not UTF-8. */
  void addText(byte[] utf8, int from, int to) {
    Objects.checkFromToIndex(from, to, utf8.length);
    int at = extend(to - from);
    System.arraycopy(utf8, from, bytes, at, to - from);
    if (Utf8.valid(bytes, at, size)) return;
    byte[] repaired = new String(bytes, at, to - from, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
    size = at;
    add(repaired);
  }

  /** The text of the last {@code length} bytes; forgets all from {@code start} on. */
  Text takeBack(int start, int length) {
    Text text = Text.of(Arrays.copyOfRange(bytes, size - length, size));
    cut(start);
    return text;
  }

  /** Appends a length-delimited field with a tag of one byte. */
  void addField(int tag, byte[] body) {
    addByte(tag);
    addVarint(body.length);
    add(body);
  }

  /** Makes what lies from {@code at} on the body of a length-delimited field with a tag of one byte. */
  void wrap(int at, int tag) {
    int length = size - at;
    int header = 1 + Wire.sizeOfVarint(length);
    extend(header);
    System.arraycopy(bytes, at, bytes, at + header, length);
    size = at;
    addByte(tag);
    addVarint(length);
    size += length;
  }

  void add(byte[] more) {
    int at = extend(more.length);
    System.arraycopy(more, 0, bytes, at, more.length);
  }

  void addByte(int b) {
    int at = extend(1);
    bytes[at] = (byte) b;
  }

  void addVarint(long v) {
    int n = Wire.sizeOfVarint(v);
    int at = extend(n);
    for (int i = 0; i < n - 1; i++, v >>>= 7) bytes[at + i] = (byte) (v | 0x80);
    bytes[at + n - 1] = (byte) v;
  }

  /** Little-endian. */
  void addFixed64(long v) {
    int at = extend(8);
    Wire.LONG.set(bytes, at, v);
  }

  /** Big-endian. */
  void addId(long v) {
    int at = extend(8);
    Wire.ID.set(bytes, at, v);
  }

  boolean equal(int a, int b, int length) {
    return Arrays.equals(bytes, a, a + length, bytes, b, b + length);
  }
}
