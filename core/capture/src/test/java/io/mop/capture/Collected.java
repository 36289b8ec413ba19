package io.mop.capture;

import io.mop.api.data.Text;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Keeps spans, and checks the order of calls. */
final class Collected implements SpanSink {
  record Span(
      Resource process,
      long traceHigh,
      long traceLow,
      long id,
      long parent,
      int kind,
      long start,
      long end,
      String name,
      int status,
      Map<String, Object> attributes) {
    Object get(String attribute) {
      return attributes.get(attribute);
    }
  }

  final List<Span> spans = new ArrayList<>();
  int flushes;
  boolean wanted = true;
  private Span open;
  private String name = "";
  private int status;
  private final Map<String, Object> attributes = new LinkedHashMap<>();

  @Override
  public boolean wanted() {
    return wanted;
  }

  @Override
  public void begin(Resource p, long high, long low, long id, long parent, int kind, long start, long end) {
    if (open != null) throw new IllegalStateException("two spans at once");
    attributes.clear();
    status = 0;
    open = new Span(p, high, low, id, parent, kind, start, end, "", 0, Map.of());
  }

  @Override
  public void name(Text name) {
    this.name = name.toString();
  }

  @Override
  public void attribute(String name, Text value) {
    if (attributes.put(name, value.toString()) != null) throw new IllegalStateException("twice: " + name);
  }

  @Override
  public void attribute(String name, long value) {
    if (attributes.put(name, value) != null) throw new IllegalStateException("twice: " + name);
  }

  @Override
  public void attribute(String name, boolean value) {
    if (attributes.put(name, value) != null) throw new IllegalStateException("twice: " + name);
  }

  @Override
  public void status(int code) {
    status = code;
  }

  @Override
  public void end() {
    Span o = open;
    open = null;
    spans.add(
        new Span(
            o.process, o.traceHigh, o.traceLow, o.id, o.parent, o.kind, o.start, o.end, name, status,
            new LinkedHashMap<>(attributes)));
  }

  @Override
  public void flush() {
    flushes++;
  }
}
