package io.mop.otlp;

import io.mop.api.data.Text;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Appends attributes as field 9, which they are of a span as of a point of a histogram. */
final class AttributeWriter {
  /** Keys kept encoded; more are encoded each time, so foreign keys cannot fill the memory. */
  private static final int KEYS = 4096;

  private final GrowingBytes to;
  private final Map<String, byte[]> keys = new HashMap<>();

  AttributeWriter(GrowingBytes to) {
    this.to = to;
  }

  void add(String key, Text value) {
    int start = to.size();
    int length = value.length();
    begin(key, Envelope.sized(length));
    to.addByte(0x0A);
    to.addVarint(length);
    int written = to.add(value);
    if (written != length) add(key, to.takeBack(start, written));
  }

  void add(String key, long value) {
    begin(key, 1 + Wire.sizeOfVarint(value));
    to.addByte(0x18);
    to.addVarint(value);
  }

  void add(String key, boolean value) {
    begin(key, 2);
    to.addByte(0x10);
    to.addByte(value ? 1 : 0);
  }

  private void begin(String key, int anyValue) {
    byte[] encoded = keys.get(key);
    if (encoded == null) encoded = encode(key);
    to.addByte(0x4A);
    to.addVarint(encoded.length + Envelope.sized(anyValue));
    to.add(encoded);
    to.addByte(0x12);
    to.addVarint(anyValue);
  }

  private byte[] encode(String key) {
    GrowingBytes field = new GrowingBytes(SpanWriter.LIMIT);
    field.addField(0x0A, key.getBytes(StandardCharsets.UTF_8));
    byte[] encoded = Arrays.copyOf(field.array(), field.size());
    if (keys.size() < KEYS) keys.put(key, encoded);
    return encoded;
  }
}
