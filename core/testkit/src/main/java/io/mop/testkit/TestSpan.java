package io.mop.testkit;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A span as a test writes and compares it. A value of an attribute is a {@code String}, {@code Long}, {@code Double},
 * {@code Boolean}, {@link ByteBuffer}, {@code List} or {@code Map} of these, or {@link Optional#empty()} for an
 * attribute without a value. The order of attributes does not count.
 *
 * @param start Unix nanoseconds
 * @param end Unix nanoseconds
 * @param kind OTLP {@code Span.SpanKind}: 1 internal, 2 server, 3 client
 * @param status OTLP {@code Status.StatusCode}: 0 unset, 1 ok, 2 error
 * @param scope attributes of the instrumentation scope
 */
public record TestSpan(
    long traceHigh,
    long traceLow,
    long spanId,
    long parentId,
    String name,
    int kind,
    int status,
    long start,
    long end,
    Map<String, Object> attributes,
    Map<String, Object> scope,
    Map<String, Object> resource) {

  public TestSpan {
    attributes = copy(attributes);
    scope = copy(scope);
    resource = copy(resource);
  }

  private static Map<String, Object> copy(Map<String, Object> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }

  /** A server's span of 1 ms from {@link TestContext#NOW}, with some ids and without attributes. */
  public static TestSpan of(String name) {
    long start = TestContext.NOW;
    return new TestSpan(1, 2, 3, 0, name, 2, 0, start, start + 1_000_000, Map.of(), Map.of(), Map.of());
  }

  /** {@code spans} as one OTLP traces request; neighbours of one resource and scope share them. */
  public static byte[] request(List<TestSpan> spans) {
    return SpanCodec.write(spans);
  }

  /**
   * The spans of an OTLP traces request. What a {@code TestSpan} cannot say, such as events, is left out.
   *
   * @throws IllegalArgumentException if it is none, or gives an attribute twice
   */
  public static List<TestSpan> spans(byte[] request) {
    return SpanCodec.read(request);
  }

  public TestSpan ids(long traceHigh, long traceLow, long spanId, long parentId) {
    return new TestSpan(
        traceHigh, traceLow, spanId, parentId, name, kind, status, start, end, attributes, scope, resource);
  }

  public TestSpan kind(int kind) {
    return new TestSpan(
        traceHigh, traceLow, spanId, parentId, name, kind, status, start, end, attributes, scope, resource);
  }

  public TestSpan status(int status) {
    return new TestSpan(
        traceHigh, traceLow, spanId, parentId, name, kind, status, start, end, attributes, scope, resource);
  }

  public TestSpan times(long start, long end) {
    return new TestSpan(
        traceHigh, traceLow, spanId, parentId, name, kind, status, start, end, attributes, scope, resource);
  }

  /** One attribute more, or another value for it. */
  public TestSpan attribute(String key, Object value) {
    return attributes(with(attributes, key, value));
  }

  public TestSpan attributes(Map<String, Object> attributes) {
    return new TestSpan(
        traceHigh, traceLow, spanId, parentId, name, kind, status, start, end, attributes, scope, resource);
  }

  /** One attribute of the scope more, or another value for it. */
  public TestSpan scope(String key, Object value) {
    Map<String, Object> scope = with(this.scope, key, value);
    return new TestSpan(
        traceHigh, traceLow, spanId, parentId, name, kind, status, start, end, attributes, scope, resource);
  }

  /** One attribute of the resource more, or another value for it. */
  public TestSpan resource(String key, Object value) {
    Map<String, Object> resource = with(this.resource, key, value);
    return new TestSpan(
        traceHigh, traceLow, spanId, parentId, name, kind, status, start, end, attributes, scope, resource);
  }

  /** Of another scope and resource. */
  public TestSpan groups(Map<String, Object> scope, Map<String, Object> resource) {
    return new TestSpan(
        traceHigh, traceLow, spanId, parentId, name, kind, status, start, end, attributes, scope, resource);
  }

  private static Map<String, Object> with(Map<String, Object> map, String key, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(map);
    more.put(key, value);
    return more;
  }
}
