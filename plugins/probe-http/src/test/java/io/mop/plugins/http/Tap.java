package io.mop.plugins.http;

import io.mop.api.capture.Protocol;
import io.mop.api.plugin.Size;
import io.mop.testkit.TestConnection;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A connection whose protocol is this plugin, and its spans as maps of texts. */
final class Tap {
  private static final int MAX_HEAD = 16 << 10;

  final TestContext context = new TestContext("protocols.http");
  private final TestConnection connection;

  private Tap(boolean server, int maxHead) {
    Protocol http = protocol(context, maxHead);
    connection = server ? TestConnection.atServer(http) : TestConnection.atClient(http);
  }

  static Protocol protocol(TestContext context) {
    return protocol(context, MAX_HEAD);
  }

  static Protocol protocol(TestContext context, int maxHead) {
    return new HttpProbe().create(new HttpProbe.Config(new Size(maxHead), List.of()), context);
  }

  static Tap server() {
    return new Tap(true, MAX_HEAD);
  }

  static Tap client() {
    return new Tap(false, MAX_HEAD);
  }

  static Tap server(int maxHead) {
    return new Tap(true, maxHead);
  }

  /** Starts another connection. */
  Tap connect() {
    connection.connect();
    return this;
  }

  Tap request(String s) {
    connection.request(s);
    return this;
  }

  Tap response(String s) {
    connection.response(s);
    return this;
  }

  /** {@code cap} of the bytes are captured. */
  Tap data(boolean request, byte[] bytes, int cap) {
    connection.data(request, bytes, cap);
    return this;
  }

  /** The record of these bytes is dropped. */
  Tap lose(boolean request, int n) {
    connection.lose(request, n);
    return this;
  }

  Tap later(long nanos) {
    connection.later(nanos);
    return this;
  }

  /** The peer has closed its direction. */
  Tap end() {
    connection.end();
    return this;
  }

  Tap close() {
    connection.close();
    return this;
  }

  Tap drain() {
    connection.drain();
    return this;
  }

  void forgetSpans() {
    connection.forgetSpans();
  }

  static byte[] bytes(String s) {
    return s.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Attributes, and kind, name, duration, and status and parent if there are some. */
  List<Map<String, String>> spans() {
    return connection.spans().stream().map(Tap::map).toList();
  }

  private static Map<String, String> map(TestSpan span) {
    Map<String, String> map = new TreeMap<>();
    span.attributes().forEach((key, value) -> map.put(key, value.toString()));
    map.put("kind", span.kind() == 2 ? "server" : "client");
    map.put("name", span.name());
    map.put("duration", Long.toString(span.end() - span.start()));
    if (span.status() != 0) map.put("status", Integer.toString(span.status()));
    if (span.parentId() != 0) {
      map.put("parent", "%016x%016x-%016x".formatted(span.traceHigh(), span.traceLow(), span.parentId()));
    }
    return map;
  }

  List<String> exchanges() {
    return exchanges(connection.spans());
  }

  /** Of each span method, path and status, e.g. {@code GET /a 200}. */
  static List<String> exchanges(List<TestSpan> spans) {
    return spans.stream()
        .map(TestSpan::attributes)
        .map(a -> a.get("http.request.method") + " " + a.get("url.path") + " " + a.get("http.response.status_code"))
        .toList();
  }

  long count(String name) {
    return connection.count(name);
  }

  long count(String name, String reason) {
    return connection.count(name, reason);
  }
}
