package io.mop.testkit;

import io.mop.api.data.Text;
import io.mop.capture.Resource;
import io.mop.capture.SpanSink;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The spans of a capture, in order of completion. Ids that the core draws are 0. */
final class CollectedSpans implements SpanSink {
  final List<TestSpan> spans = new ArrayList<>();
  private final Map<String, Object> attributes = new LinkedHashMap<>();
  private TestSpan span = TestSpan.of("");
  private String name = "";
  private int status;

  @Override
  public void begin(Resource p, long high, long low, long id, long parent, int kind, long start, long end) {
    span = TestSpan.of("").ids(parent == 0 ? 0 : high, parent == 0 ? 0 : low, 0, parent).kind(kind).times(start, end);
    attributes.clear();
    name = "";
    status = 0;
  }

  @Override
  public void name(Text text) {
    name = text.toString();
  }

  @Override
  public void attribute(String key, Text value) {
    attributes.put(key, value.toString());
  }

  @Override
  public void attribute(String key, long value) {
    attributes.put(key, value);
  }

  @Override
  public void attribute(String key, boolean value) {
    attributes.put(key, value);
  }

  @Override
  public void status(int code) {
    status = code;
  }

  @Override
  public void end() {
    spans.add(new TestSpan(span.traceHigh(), span.traceLow(), 0, span.parentId(), name, span.kind(), status,
        span.start(), span.end(), attributes, Map.of(), Map.of()));
  }

  @Override
  public void flush() {}
}
