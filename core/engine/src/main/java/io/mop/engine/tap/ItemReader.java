package io.mop.engine.tap;

import io.mop.api.data.Signal;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads an excerpt; field numbers and names are those of opentelemetry-proto 1.x. */
final class ItemReader {
  /** Arrays and maps in one another; deeper ones are not read. */
  private static final int DEPTH = 8;

  private static final List<String> KINDS =
      List.of("unspecified", "internal", "server", "client", "producer", "consumer");
  private static final List<String> CODES = List.of("unset", "ok", "error");
  private static final List<String> TEMPORALITY = List.of("unspecified", "delta", "cumulative");

  private long time;
  private String name = "";
  private final Map<String, Object> fields = new LinkedHashMap<>();
  private final Map<String, Object> attributes = new LinkedHashMap<>();

  private ItemReader() {}

  static RawItem read(Excerpt e) {
    ItemReader reader = new ItemReader();
    switch (e.signal()) {
      case TRACES -> reader.span(Message.of(e.item()));
      case METRICS -> reader.point(e);
      case LOGS -> reader.log(Message.of(e.item()));
    }
    Map<String, Object> resource = new LinkedHashMap<>();
    Message m = Message.of(e.resource());
    while (m.next()) if (m.is(1)) keyValue(m.message(), resource, 0);
    return new RawItem(e.signal(), reader.time, reader.name, reader.fields, reader.attributes, scope(e), resource);
  }

  private static Map<String, Object> scope(Excerpt e) {
    Map<String, Object> scope = new LinkedHashMap<>();
    Message m = Message.of(e.scope());
    while (m.next()) {
      if (m.is(1) && m.to > m.from) scope.put("otel.scope.name", m.text());
      if (m.is(2) && m.to > m.from) scope.put("otel.scope.version", m.text());
      if (m.is(3)) keyValue(m.message(), scope, 0);
    }
    return scope;
  }

  private void span(Message m) {
    long end = 0;
    int events = 0;
    int links = 0;
    String state = "";
    Map<String, Object> status = new LinkedHashMap<>();
    fields.put("kind", KINDS.get(0));
    fields.put("status", CODES.get(0));
    while (m.next()) {
      if (m.is(1)) id("trace_id", m);
      if (m.is(2)) id("span_id", m);
      if (m.is(3)) state = m.text();
      if (m.is(4)) id("parent_span_id", m);
      if (m.is(5)) name = m.text();
      if (m.isVarint(6)) fields.put("kind", of(KINDS, m.bits));
      if (m.isFixed64(7)) time = m.bits;
      if (m.isFixed64(8)) end = m.bits;
      if (m.is(9)) keyValue(m.message(), attributes, 0);
      if (m.is(11)) events++;
      if (m.is(13)) links++;
      if (m.is(15)) {
        Message s = m.message();
        while (s.next()) {
          if (s.is(2)) status.put("status_message", s.text());
          if (s.isVarint(3)) fields.put("status", of(CODES, s.bits));
        }
      }
    }
    if (time != 0 && end != 0) fields.put("duration_nanos", end - time);
    status.forEach((key, text) -> { if (!text.equals("")) fields.put(key, text); });
    if (!state.isEmpty()) fields.put("trace_state", state);
    if (events > 0) fields.put("events", events);
    if (links > 0) fields.put("links", links);
  }

  private void log(Message m) {
    long observed = 0;
    while (m.next()) {
      if (m.isFixed64(1)) time = m.bits;
      if (m.isVarint(2) && m.bits != 0) fields.put("severity_number", m.bits);
      if (m.is(3) && m.to > m.from) fields.put("severity", m.text());
      if (m.is(5)) fields.put("body", value(m.message(), 0));
      if (m.is(6)) keyValue(m.message(), attributes, 0);
      if (m.is(9)) id("trace_id", m);
      if (m.is(10)) id("span_id", m);
      if (m.isFixed64(11)) observed = m.bits;
      if (m.is(12)) name = m.text();
    }
    if (time == 0) time = observed;
  }

  private void point(Excerpt e) {
    Message metric = Message.of(e.metric());
    while (metric.next()) {
      if (metric.is(1)) name = metric.text();
      if (metric.is(3) && metric.to > metric.from) fields.put("unit", metric.text());
    }
    boolean number = e.kind() == 5 || e.kind() == 7;
    fields.put("type",
        switch (e.kind()) {
          case 5 -> "gauge";
          case 7 -> "sum";
          case 9 -> "histogram";
          case 10 -> "exponential_histogram";
          default -> "summary";
        });
    Message data = Message.of(e.data());
    while (data.next()) {
      if (data.isVarint(2)) fields.put("temporality", of(TEMPORALITY, data.bits));
      if (data.isVarint(3) && e.kind() == 7) fields.put("monotonic", data.bits != 0);
    }
    int attribute = e.kind() == 9 ? 9 : e.kind() == 10 ? 1 : 7;
    Message m = Message.of(e.item());
    while (m.next()) {
      if (m.is(attribute)) keyValue(m.message(), attributes, 0);
      if (m.isFixed64(3)) time = m.bits;
      if (number && m.isFixed64(4)) fields.put("value", Double.longBitsToDouble(m.bits));
      if (number && m.isFixed64(6)) fields.put("value", m.bits);
      if (!number && m.isFixed64(4)) fields.put("count", m.bits);
      if (!number && m.isFixed64(5)) fields.put("sum", Double.longBitsToDouble(m.bits));
      if (e.kind() == 9 && m.isFixed64(11)) fields.put("min", Double.longBitsToDouble(m.bits));
      if (e.kind() == 9 && m.isFixed64(12)) fields.put("max", Double.longBitsToDouble(m.bits));
    }
  }

  private void id(String key, Message m) {
    if (m.to > m.from) fields.put(key, HexFormat.of().formatHex(m.content(m.from, m.to)));
  }

  private static Object of(List<String> names, long number) {
    return number >= 0 && number < names.size() ? names.get((int) number) : (Object) number;
  }

  /** Of several attributes with one key the first is shown, as cursors do. */
  private static void keyValue(Message m, Map<String, Object> to, int depth) {
    String key = "";
    Object value = null;
    while (m.next()) {
      if (m.is(1)) key = m.text();
      if (m.is(2)) value = value(m.message(), depth);
    }
    if (!to.containsKey(key)) to.put(key, value);
  }

  private static Object value(Message m, int depth) {
    Object value = null;
    while (m.next()) {
      if (m.is(1)) value = m.text();
      if (m.isVarint(2)) value = m.bits != 0;
      if (m.isVarint(3)) value = m.bits;
      if (m.isFixed64(4)) value = Double.longBitsToDouble(m.bits);
      if (m.is(5)) value = depth == DEPTH ? "…" : list(m.message(), depth + 1);
      if (m.is(6)) value = depth == DEPTH ? "…" : map(m.message(), depth + 1);
      if (m.is(7)) value = "(" + (m.to - m.from) + " bytes)";
    }
    return value;
  }

  private static List<Object> list(Message m, int depth) {
    List<Object> values = new ArrayList<>();
    while (m.next()) if (m.is(1)) values.add(value(m.message(), depth));
    return values;
  }

  private static Map<String, Object> map(Message m, int depth) {
    Map<String, Object> values = new LinkedHashMap<>();
    while (m.next()) if (m.is(1)) keyValue(m.message(), values, depth);
    return values;
  }
}
