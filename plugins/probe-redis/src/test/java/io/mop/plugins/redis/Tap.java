package io.mop.plugins.redis;

import io.mop.api.capture.Protocol;
import io.mop.testkit.TestConnection;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A connection whose protocol is this plugin, and its spans in short. */
final class Tap {
  final TestContext context = new TestContext("protocols.redis");
  final TestConnection connection;

  private Tap(Function<Protocol, TestConnection> side) {
    connection = side.apply(protocol(context));
  }

  static Protocol protocol(TestContext context) {
    return new RedisProbe().create(new RedisProbe.Config(), context);
  }

  static Tap server() {
    return new Tap(TestConnection::atServer);
  }

  static Tap client() {
    return new Tap(TestConnection::atClient);
  }

  Tap request(String s) {
    connection.request(s);
    return this;
  }

  /** The words as a client sends them. */
  Tap command(String... words) {
    return request(array(words));
  }

  static String array(String... words) {
    StringBuilder b = new StringBuilder("*" + words.length + "\r\n");
    for (String w : words) b.append(bulk(w));
    return b.toString();
  }

  /** A command with so many words in all. */
  static String[] words(String name, int n) {
    String[] words = new String[n];
    Arrays.fill(words, "key");
    words[0] = name;
    return words;
  }

  static String bulk(String s) {
    return "$" + s.length() + "\r\n" + s + "\r\n";
  }

  Tap response(String s) {
    connection.response(s);
    return this;
  }

  /** {@code cap} of the bytes are captured. */
  Tap data(boolean request, String bytes, int cap) {
    connection.data(request, bytes.getBytes(StandardCharsets.ISO_8859_1), cap);
    return this;
  }

  Tap lose(boolean request, int n) {
    connection.lose(request, n);
    return this;
  }

  Tap close() {
    connection.close();
    return this;
  }

  List<TestSpan> spans() {
    return connection.check().spans();
  }

  List<String> exchanges() {
    return exchanges(spans());
  }

  /** Of each span the operation, and what else there is of {@code @database}, {@code xBATCH} and {@code !ERROR}. */
  static List<String> exchanges(List<TestSpan> spans) {
    return spans.stream().map(Tap::exchange).toList();
  }

  private static String exchange(TestSpan span) {
    Map<String, Object> a = span.attributes();
    return span.name() + shown(" @", a.get("db.namespace")) + shown(" x", a.get("db.operation.batch.size"))
        + shown(" !", a.get("error.type"));
  }

  private static String shown(String mark, Object value) {
    return value == null ? "" : mark + value;
  }

  long count(String name) {
    return connection.count(name);
  }

  Map<String, Long> counted() {
    return context.counted();
  }
}
