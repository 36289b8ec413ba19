package io.mop.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One span of an OTLP traces request, as far as benchmarks look at it.
 *
 * @param trace in hexadecimal, as the ids
 * @param parent empty if there is none
 * @param kind OTLP SpanKind: 2 server, 3 client
 * @param start Unix nanoseconds
 * @param end Unix nanoseconds
 * @param attributes of strings, and of numbers as text
 */
record SpanRow(
    String trace, String id, String parent, String name, int kind, long start, long end,
    Map<String, String> attributes) {
  /** Reads a request that {@link SpanScan} has taken. */
  static void read(byte[] body, Consumer<SpanRow> to) {
    ByteBuffer in = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
    // ResourceSpans 1, ScopeSpans 2, Span 2 (opentelemetry/proto/trace/v1/trace.proto)
    each(in, 1, resource -> each(resource, 2, scope -> each(scope, 2, span -> to.accept(span(span)))));
  }

  String get(String key) {
    return attributes.getOrDefault(key, "");
  }

  private static void each(ByteBuffer in, int wanted, Consumer<ByteBuffer> message) {
    while (in.hasRemaining()) {
      int tag = (int) varint(in);
      if (tag == (wanted << 3 | 2)) message.accept(bytes(in));
      else skip(in, tag);
    }
  }

  private static SpanRow span(ByteBuffer in) {
    String trace = "";
    String id = "";
    String parent = "";
    String name = "";
    int kind = 0;
    long start = 0;
    long end = 0;
    Map<String, String> attributes = new HashMap<>();
    while (in.hasRemaining()) {
      int tag = (int) varint(in);
      switch (tag) {
        case 1 << 3 | 2 -> trace = hex(bytes(in));
        case 2 << 3 | 2 -> id = hex(bytes(in));
        case 4 << 3 | 2 -> parent = hex(bytes(in));
        case 5 << 3 | 2 -> name = text(bytes(in));
        case 6 << 3 -> kind = (int) varint(in);
        case 7 << 3 | 1 -> start = in.getLong();
        case 8 << 3 | 1 -> end = in.getLong();
        case 9 << 3 | 2 -> attribute(bytes(in), attributes);
        default -> skip(in, tag);
      }
    }
    return new SpanRow(trace, id, parent, name, kind, start, end, attributes);
  }

  private static void attribute(ByteBuffer in, Map<String, String> to) {
    String key = "";
    String value = "";
    while (in.hasRemaining()) {
      int tag = (int) varint(in);
      if (tag == (1 << 3 | 2)) key = text(bytes(in));
      else if (tag == (2 << 3 | 2)) value = value(bytes(in));
      else skip(in, tag);
    }
    to.put(key, value);
  }

  private static String value(ByteBuffer in) {
    if (!in.hasRemaining()) return "";
    int tag = (int) varint(in);
    if (tag == (1 << 3 | 2)) return text(bytes(in));
    return tag == 3 << 3 ? Long.toString(varint(in)) : "";
  }

  private static void skip(ByteBuffer in, int tag) {
    switch (tag & 7) {
      case 0 -> varint(in);
      case 1 -> in.getLong();
      case 5 -> in.getInt();
      default -> bytes(in);
    }
  }

  private static ByteBuffer bytes(ByteBuffer in) {
    int length = (int) varint(in);
    ByteBuffer part = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    in.position(in.position() + length);
    return part;
  }

  private static String hex(ByteBuffer in) {
    byte[] id = new byte[in.remaining()];
    in.get(id);
    return HexFormat.of().formatHex(id);
  }

  private static String text(ByteBuffer in) {
    return StandardCharsets.UTF_8.decode(in).toString();
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) return value;
    }
  }
}
