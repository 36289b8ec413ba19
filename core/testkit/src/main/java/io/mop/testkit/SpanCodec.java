package io.mop.testkit;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** {@link TestSpan}s from and to OTLP's trace.proto and common.proto, independent of what it tests. */
final class SpanCodec {
  private SpanCodec() {}

  static byte[] write(List<TestSpan> spans) {
    return write(spans, SpanCodec::span);
  }

  /** As logs.proto; of a record only the time and what has attributes. */
  static byte[] logs(List<TestSpan> spans) {
    return write(spans, s -> attributes(new ProtoWriter().fixed64(1, s.start()), 6, s.attributes()));
  }

  /** As {@link #logs}, with the name as the body. */
  static byte[] logsWithBodies(List<TestSpan> spans) {
    return write(
        spans, s -> attributes(new ProtoWriter().fixed64(1, s.start()).bytes(5, any(s.name())), 6, s.attributes()));
  }

  /** As metrics.proto: each a gauge with the value 1. */
  static byte[] metrics(List<TestSpan> spans) {
    return write(
        spans,
        s -> {
          byte[] point =
              attributes(new ProtoWriter().fixed64(3, s.start()).fixed64(6, 1), 7, s.attributes());
          byte[] gauge = new ProtoWriter().bytes(1, point).toByteArray();
          return new ProtoWriter().text(1, s.name()).bytes(5, gauge).toByteArray();
        });
  }

  /** Resource groups, scope groups and items have the same field numbers in every signal. */
  private static byte[] write(List<TestSpan> spans, Function<TestSpan, byte[]> item) {
    ProtoWriter request = new ProtoWriter();
    for (int from = 0, to; from < spans.size(); from = to) {
      to = from;
      while (to < spans.size() && spans.get(to).resource().equals(spans.get(from).resource())) to++;
      request.bytes(1, resourceGroup(spans.subList(from, to), item));
    }
    return request.toByteArray();
  }

  private static byte[] resourceGroup(List<TestSpan> spans, Function<TestSpan, byte[]> item) {
    ProtoWriter group = new ProtoWriter().bytes(1, attributes(new ProtoWriter(), 1, spans.get(0).resource()));
    for (int from = 0, to; from < spans.size(); from = to) {
      ProtoWriter scope = new ProtoWriter().bytes(1, attributes(new ProtoWriter(), 3, spans.get(from).scope()));
      for (to = from; to < spans.size() && spans.get(to).scope().equals(spans.get(from).scope()); to++) {
        scope.bytes(2, item.apply(spans.get(to)));
      }
      group.bytes(2, scope.toByteArray());
    }
    return group.toByteArray();
  }

  private static byte[] span(TestSpan s) {
    ProtoWriter span = new ProtoWriter();
    span.bytes(1, ByteBuffer.allocate(16).putLong(s.traceHigh()).putLong(s.traceLow()).array());
    span.bytes(2, ByteBuffer.allocate(8).putLong(s.spanId()).array());
    if (s.parentId() != 0) span.bytes(4, ByteBuffer.allocate(8).putLong(s.parentId()).array());
    span.text(5, s.name()).varint(6, s.kind()).fixed64(7, s.start()).fixed64(8, s.end());
    attributes(span, 9, s.attributes());
    if (s.status() != 0) span.bytes(15, new ProtoWriter().varint(3, s.status()).toByteArray());
    return span.toByteArray();
  }

  private static byte[] attributes(ProtoWriter to, int field, Map<?, ?> attributes) {
    attributes.forEach(
        (key, value) ->
            to.bytes(field, new ProtoWriter().text(1, (String) key).bytes(2, any(value)).toByteArray()));
    return to.toByteArray();
  }

  private static byte[] any(Object value) {
    ProtoWriter any = new ProtoWriter();
    if (value instanceof String s) {
      any.text(1, s);
    } else if (value instanceof Boolean b) {
      any.varint(2, b ? 1 : 0);
    } else if (value instanceof Long n) {
      any.varint(3, n);
    } else if (value instanceof Double d) {
      any.fixed64(4, Double.doubleToRawLongBits(d));
    } else if (value instanceof List<?> list) {
      ProtoWriter array = new ProtoWriter();
      list.forEach(v -> array.bytes(1, any(v)));
      any.bytes(5, array.toByteArray());
    } else if (value instanceof Map<?, ?> map) {
      any.bytes(6, attributes(new ProtoWriter(), 1, map));
    } else if (value instanceof ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(bytes.position(), copy);
      any.bytes(7, copy);
    } else if (!Optional.empty().equals(value)) {
      throw new IllegalArgumentException(value + ": expected a type that TestSpan names");
    }
    return any.toByteArray();
  }

  /** Reads an item with its attributes; adds one span, or for a metric one for each point. */
  private interface Reading {
    void item(ProtoReader of, UnaryOperator<TestSpan> group, List<TestSpan> to);
  }

  static List<TestSpan> read(byte[] request) {
    return read(request, (r, group, to) -> to.add(group.apply(readSpan(r))));
  }

  static List<TestSpan> readLogs(byte[] request) {
    return read(
        request,
        (of, group, to) -> {
          String body = "";
          long time = 0;
          for (ProtoReader r = of.message(); r.next(); ) {
            if (r.is(5)) body = String.valueOf(readAny(r));
            else if (r.field() == 1) time = r.number();
          }
          to.add(group.apply(item(of, 6, body, time)));
        });
  }

  static List<TestSpan> readMetrics(byte[] request) {
    return read(
        request,
        (of, group, to) -> {
          String name = "";
          for (ProtoReader r = of.message(); r.next(); ) if (r.is(1)) name = r.text();
          for (ProtoReader r = of.message(); r.next(); ) {
            if (!r.is(5)) continue;
            for (ProtoReader gauge = r.message(); gauge.next(); ) {
              if (!gauge.is(1)) continue;
              long time = 0;
              for (ProtoReader p = gauge.message(); p.next(); ) if (p.field() == 3) time = p.number();
              to.add(group.apply(item(gauge, 7, name, time)));
            }
          }
        });
  }

  private static TestSpan item(ProtoReader of, int attributesField, String name, long time) {
    Map<String, Object> attributes = new LinkedHashMap<>();
    readAttributes(of, attributesField, attributes);
    return TestSpan.of(name).times(time, time + 1_000_000).attributes(attributes);
  }

  private static List<TestSpan> read(byte[] request, Reading item) {
    List<TestSpan> items = new ArrayList<>();
    for (ProtoReader r = new ProtoReader(request); r.next(); ) if (r.is(1)) readResourceGroup(r, item, items);
    return items;
  }

  private static void readResourceGroup(ProtoReader of, Reading item, List<TestSpan> to) {
    Map<String, Object> resource = new LinkedHashMap<>();
    for (ProtoReader r = of.message(); r.next(); ) if (r.is(1)) readAttributes(r, 1, resource);
    for (ProtoReader r = of.message(); r.next(); ) if (r.is(2)) readScopeGroup(r, resource, item, to);
  }

  private static void readScopeGroup(ProtoReader of, Map<String, Object> resource, Reading item, List<TestSpan> to) {
    Map<String, Object> scope = new LinkedHashMap<>();
    for (ProtoReader r = of.message(); r.next(); ) if (r.is(1)) readAttributes(r, 3, scope);
    UnaryOperator<TestSpan> group = s -> s.groups(scope, resource);
    for (ProtoReader r = of.message(); r.next(); ) if (r.is(2)) item.item(r, group, to);
  }

  private static TestSpan readSpan(ProtoReader of) {
    long high = 0;
    long low = 0;
    long id = 0;
    long parent = 0;
    String name = "";
    int kind = 0;
    int status = 0;
    long start = 0;
    long end = 0;
    for (ProtoReader r = of.message(); r.next(); ) {
      switch (r.field()) {
        case 1 -> {
          high = r.id(0, 16);
          low = r.id(8, 16);
        }
        case 2 -> id = r.id(0, 8);
        case 4 -> parent = r.id(0, 8);
        case 5 -> name = r.text();
        case 6 -> kind = (int) r.number();
        case 7 -> start = r.number();
        case 8 -> end = r.number();
        case 15 -> {
          for (ProtoReader s = r.message(); s.next(); ) if (s.field() == 3) status = (int) s.number();
        }
        default -> { }
      }
    }
    Map<String, Object> attributes = new LinkedHashMap<>();
    readAttributes(of, 9, attributes);
    return new TestSpan(high, low, id, parent, name, kind, status, start, end, attributes, Map.of(), Map.of());
  }

  private static void readAttributes(ProtoReader of, int field, Map<String, Object> to) {
    for (ProtoReader r = of.message(); r.next(); ) {
      if (!r.is(field)) continue;
      String key = "";
      Object value = Optional.empty();
      for (ProtoReader pair = r.message(); pair.next(); ) {
        if (pair.is(1)) key = pair.text();
        else if (pair.is(2)) value = readAny(pair);
      }
      if (to.put(key, value) != null) throw new IllegalArgumentException("attribute '" + key + "' is there twice");
    }
  }

  private static Object readAny(ProtoReader of) {
    Object value = Optional.empty();
    for (ProtoReader r = of.message(); r.next(); ) {
      switch (r.field()) {
        case 1 -> value = r.text();
        case 2 -> value = r.number() != 0;
        case 3 -> value = r.number();
        case 4 -> value = Double.longBitsToDouble(r.number());
        case 5 -> {
          List<Object> list = new ArrayList<>();
          for (ProtoReader array = r.message(); array.next(); ) if (array.is(1)) list.add(readAny(array));
          value = list;
        }
        case 6 -> {
          Map<String, Object> map = new LinkedHashMap<>();
          readAttributes(r, 1, map);
          value = map;
        }
        case 7 -> value = r.bytes();
        default -> { }
      }
    }
    return value;
  }
}
