package io.mop.bench.plugins;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** One OTLP traces request of equal spans, whose span ids are filled in before each use. */
final class Template {
  private final byte[] bytes;
  private final int[] ids;

  /** @param spans in the request, each of about 130 bytes */
  Template(int spans) {
    ByteArrayOutputStream scope = new ByteArrayOutputStream();
    int[] offsets = new int[spans];
    for (int i = 0; i < spans; i++) {
      ByteArrayOutputStream span = new ByteArrayOutputStream();
      field(span, 1, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
      field(span, 2, new byte[8]);
      field(span, 5, text("GET /orders"));
      span.write(6 << 3);
      span.write(2);
      fixed64(span, 7, 1_700_000_000_000_000_000L);
      fixed64(span, 8, 1_700_000_000_010_000_000L);
      field(span, 9, attribute("http.request.method", "GET"));
      field(span, 9, attribute("url.path", "/orders/4711/items"));
      ByteArrayOutputStream framed = new ByteArrayOutputStream();
      field(framed, 2, span.toByteArray());
      offsets[i] = scope.size() + framed.size() - span.size() + 18 + 2; // after the trace id and the id's own header
      scope.writeBytes(framed.toByteArray());
    }
    ByteArrayOutputStream resource = new ByteArrayOutputStream();
    field(resource, 1, message(1, attribute("service.name", "bench")));
    byte[] body = scope.toByteArray();
    byte[] before = resource.toByteArray();
    byte[] scopeSpans = message(2, body);
    ByteArrayOutputStream resourceSpans = new ByteArrayOutputStream();
    resourceSpans.writeBytes(before);
    resourceSpans.writeBytes(scopeSpans);
    bytes = message(1, resourceSpans.toByteArray());
    int base = bytes.length - body.length;
    ids = new int[spans];
    for (int i = 0; i < spans; i++) ids[i] = base + offsets[i];
  }

  int size() {
    return bytes.length;
  }

  /** Writes the request with the span ids {@code first}, {@code first + 1}, … */
  void write(long first, ByteBuffer target) {
    ByteBuffer all = ByteBuffer.wrap(bytes);
    for (int i = 0; i < ids.length; i++) all.putLong(ids[i], first + i);
    target.put(bytes);
  }

  private static byte[] text(String s) {
    return s.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] attribute(String key, String value) {
    ByteArrayOutputStream kv = new ByteArrayOutputStream();
    field(kv, 1, text(key));
    field(kv, 2, message(1, text(value)));
    return kv.toByteArray();
  }

  private static byte[] message(int number, byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    field(out, number, body);
    return out.toByteArray();
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
