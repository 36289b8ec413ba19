package io.mop.otlp;

import io.mop.api.data.Text;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * Builds one traces request of one resource and scope, span by span: {@code begin}, then what the span has in any
 * order, {@code end}. Allocates nothing once its memory has grown and the attribute keys are known. Not thread-safe.
 * What is not UTF-8 in a text becomes U+FFFD; giving each key once is the caller's part.
 */
public final class SpanWriter {
  /** Most bytes of one request. */
  static final int LIMIT = 1 << 30;

  /** Memory of more bytes than this is given back by a reset. */
  private static final int KEEP = 8 << 20;

  private static final int NONE = -1;

  private final Envelope envelope;
  private final GrowingBytes spans = new GrowingBytes(LIMIT);
  private final AttributeWriter attributes = new AttributeWriter(spans);
  private int count;
  /** Where the open span's body begins. */
  private int open = NONE;

  /**
   * @param resource body of an OTLP Resource message, e.g. from {@link #resource}
   * @param scopeName empty = none
   * @param scopeVersion empty = none
   */
  public SpanWriter(byte[] resource, String scopeName, String scopeVersion) {
    envelope = new Envelope(resource, scopeName, scopeVersion);
  }

  /** Body of an OTLP Resource message in the map's order; a {@link Long} is a number, anything else a text. */
  public static byte[] resource(Map<String, ?> attributes) {
    GrowingBytes body = new GrowingBytes(LIMIT);
    attributes.forEach((name, value) -> {
      byte[] key = name.getBytes(StandardCharsets.UTF_8);
      byte[] any = any(value);
      body.addByte(0x0A);
      body.addVarint(Envelope.sized(key.length) + Envelope.sized(any.length));
      body.addField(0x0A, key);
      body.addField(0x12, any);
    });
    return Arrays.copyOf(body.array(), body.size());
  }

  private static byte[] any(Object value) {
    GrowingBytes any = new GrowingBytes(LIMIT);
    if (value instanceof Long number) {
      any.addByte(0x18);
      any.addVarint(number);
    } else {
      any.addField(0x0A, value.toString().getBytes(StandardCharsets.UTF_8));
    }
    return Arrays.copyOf(any.array(), any.size());
  }

  /**
   * Begins a span. Times in Unix nanoseconds.
   *
   * @param parentId 0 = none
   * @param kind OTLP {@code Span.SpanKind}, 0 to 5
   * @throws IllegalStateException if the one before has not ended
   */
  public void begin(long traceHi, long traceLo, long spanId, long parentId, int kind, long startUnixNano,
      long endUnixNano) {
    if (open != NONE) throw new IllegalStateException("begin of a span in a span; expected end() before");
    if (kind < 0 || kind > 5) throw new IllegalArgumentException("span kind " + kind + ": expected 0 to 5");
    spans.addByte(0x12);
    // room for the usual length of a span's length
    open = spans.extend(2) + 2;
    spans.addByte(0x0A);
    spans.addByte(16);
    spans.addId(traceHi);
    spans.addId(traceLo);
    spans.addByte(0x12);
    spans.addByte(8);
    spans.addId(spanId);
    if (parentId != 0) {
      spans.addByte(0x22);
      spans.addByte(8);
      spans.addId(parentId);
    }
    if (kind != 0) {
      spans.addByte(0x30);
      spans.addByte(kind);
    }
    spans.addByte(0x39);
    spans.addFixed64(startUnixNano);
    spans.addByte(0x41);
    spans.addFixed64(endUnixNano);
  }

  /** The open span's name; the last one given counts. */
  public void name(Text name) {
    requireOpen();
    int start = spans.size();
    int length = name.length();
    spans.addByte(0x2A);
    spans.addVarint(length);
    int written = spans.add(name);
    if (written != length) name(spans.takeBack(start, written));
  }

  /** Adds a text attribute to the open span. */
  public void attribute(String key, Text value) {
    requireOpen();
    attributes.add(key, value);
  }

  /** Adds an integer attribute to the open span. */
  public void attribute(String key, long value) {
    requireOpen();
    attributes.add(key, value);
  }

  /** Adds a boolean attribute to the open span. */
  public void attribute(String key, boolean value) {
    requireOpen();
    attributes.add(key, value);
  }

  /** The open span's OTLP {@code Status.StatusCode}: 1 ok, 2 error; 0, unset, writes nothing. */
  public void status(int code) {
    requireOpen();
    if (code < 0 || code > 2) throw new IllegalArgumentException("status code " + code + ": expected 0 to 2");
    if (code == 0) return;
    spans.addByte(0x7A);
    spans.addByte(2);
    spans.addByte(0x18);
    spans.addByte(code);
  }

  /** Ends the open span. */
  public void end() {
    requireOpen();
    int length = spans.size() - open;
    int n = Wire.sizeOfVarint(length);
    if (n > 2) spans.extend(n - 2);
    if (n != 2) System.arraycopy(spans.array(), open, spans.array(), open - 2 + n, length);
    spans.cut(open - 2);
    spans.addVarint(length);
    spans.extend(length);
    open = NONE;
    count++;
  }

  /** Takes the open span back, if there is one. */
  public void cancel() {
    if (open == NONE) return;
    spans.cut(open - 3);
    open = NONE;
  }

  /** Number of ended spans. */
  public int spans() {
    return count;
  }

  /** Bytes of the request with the ended spans; 0 without any. */
  public int size() {
    if (count == 0) return 0;
    return envelope.size(ended());
  }

  /** Bytes of memory held for spans, also after a {@link #reset}. */
  public int memory() {
    return spans.array().length;
  }

  /**
   * Writes the request from the target's position on; nothing without spans.
   *
   * @throws java.nio.BufferOverflowException if fewer than {@link #size} bytes remain; nothing is written then
   * @throws IllegalStateException if a span is open
   */
  public void writeTo(ByteBuffer target) {
    if (open != NONE) throw new IllegalStateException("a span is open; expected end() before");
    if (count == 0) return;
    envelope.writeTo(target, spans);
  }

  /** Forgets all spans, also an open one. */
  public void reset() {
    spans.clear(KEEP);
    count = 0;
    open = NONE;
  }

  private int ended() {
    return open == NONE ? spans.size() : open - 3;
  }

  private void requireOpen() {
    if (open == NONE) throw new IllegalStateException("no span is open; expected begin() before");
  }
}
