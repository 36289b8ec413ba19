package io.mop.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;

/** One OTLP traces request of equal spans as a gRPC message, whose span ids are filled in before each use. */
final class Payload {
  static final int SPANS = 100;
  /** Of one span's message. */
  static final int SPAN_BYTES = 460;
  private static final int GRPC_HEADER = 5;

  private final byte[] bytes;
  private final int[] ids = new int[SPANS];

  Payload() {
    ByteArrayOutputStream scope = new ByteArrayOutputStream();
    for (int i = 0; i < SPANS; i++) {
      byte[] span = span();
      field(scope, 2, span);
      ids[i] = scope.size() - span.length + 18 + 2; // after the trace id and the id's own tag and length
    }
    ByteArrayOutputStream resourceSpans = new ByteArrayOutputStream();
    ByteArrayOutputStream resource = new ByteArrayOutputStream();
    field(resource, 1, attribute("service.name", "bench"));
    field(resourceSpans, 1, resource.toByteArray());
    field(resourceSpans, 2, scope.toByteArray());
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    field(request, 1, resourceSpans.toByteArray());
    ByteBuffer framed = ByteBuffer.allocate(GRPC_HEADER + request.size());
    framed.put((byte) 0).putInt(request.size()).put(request.toByteArray());
    bytes = framed.array();
    int base = bytes.length - scope.size();
    for (int i = 0; i < SPANS; i++) ids[i] += base;
  }

  /** A copy with the span ids {@code first}, {@code first + 1}, … */
  byte[] of(long first) {
    byte[] copy = bytes.clone();
    ByteBuffer all = ByteBuffer.wrap(copy);
    for (int i = 0; i < SPANS; i++) all.putLong(ids[i], first + i);
    return copy;
  }

  /** The same message as {@link #of} with its body in gzip. */
  static byte[] gzip(byte[] message) {
    ByteArrayOutputStream small = new ByteArrayOutputStream(message.length / 2);
    try (GZIPOutputStream out = new GZIPOutputStream(small)) {
      out.write(message, GRPC_HEADER, message.length - GRPC_HEADER);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ByteBuffer.allocate(GRPC_HEADER + small.size())
        .put((byte) 1)
        .putInt(small.size())
        .put(small.toByteArray())
        .array();
  }

  private static byte[] span() {
    ByteArrayOutputStream span = new ByteArrayOutputStream();
    field(span, 1, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
    field(span, 2, new byte[8]);
    field(span, 4, new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    field(span, 5, text("GET /orders/{id}"));
    span.write(6 << 3);
    span.write(2);
    fixed64(span, 7, 1_700_000_000_000_000_000L);
    fixed64(span, 8, 1_700_000_000_010_000_000L);
    field(span, 9, attribute("http.request.method", "GET"));
    field(span, 9, attribute("http.route", "/orders/{id}"));
    field(span, 9, attribute("url.path", "/orders/4711"));
    field(span, 9, attribute("server.address", "shop.example.com"));
    field(span, 9, attribute("client.address", "192.0.2.17"));
    field(span, 9, attribute("network.protocol.version", "1.1"));
    // The rest goes into one value, of more than 127 bytes: the attribute's own tag and length are 3 bytes, and the
    // lengths of the two messages in it take one more byte than those of a short value.
    int around = span.size() + 3 + attribute("user_agent.original", "").length + 2;
    field(span, 9, attribute("user_agent.original", "x".repeat(SPAN_BYTES - around)));
    if (span.size() != SPAN_BYTES) throw new IllegalStateException("a span of " + span.size() + " bytes");
    return span.toByteArray();
  }

  private static byte[] text(String s) {
    return s.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] attribute(String key, String value) {
    ByteArrayOutputStream any = new ByteArrayOutputStream();
    field(any, 1, text(value));
    ByteArrayOutputStream kv = new ByteArrayOutputStream();
    field(kv, 1, text(key));
    field(kv, 2, any.toByteArray());
    return kv.toByteArray();
  }

  private static void field(ByteArrayOutputStream out, int number, byte[] body) {
    out.write(number << 3 | 2);
    int n = body.length;
    for (; n > 0x7f; n >>>= 7) out.write(n & 0x7f | 0x80);
    out.write(n);
    out.writeBytes(body);
  }

  private static void fixed64(ByteArrayOutputStream out, int number, long value) {
    out.write(number << 3 | 1);
    for (int i = 0; i < 8; i++) out.write((int) (value >>> 8 * i));
  }
}
