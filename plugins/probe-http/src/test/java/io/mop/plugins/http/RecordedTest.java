package io.mop.plugins.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.Conversation;
import io.mop.testkit.ProtocolHarness;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What real clients and servers sent, whole and in every way that it may be cut, lost and late. */
class RecordedTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final Map<String, List<String>> CONVERSATIONS = Map.of(
      "nginx-curl", List.of(
          "GET /hello.txt 200 -/12", "HEAD /hello.txt 200 -/-", "GET /hello.txt 304 -/-", "GET /{id}.txt 200 -/28",
          "GET 404 -/153", "GET /hello.txt 206 -/3", "GET /moved 301 -/169", "GET /gone 204 -/-"),
      "nginx-pipelined", List.of(
          "GET /hello.txt 200 -/12", "HEAD /{id}.txt 200 -/-", "GET /missing 404 -/153", "GET /{id}.txt 200 -/8"),
      "nginx-jdk", List.of("GET 404 0/153", "GET 404 0/153", "POST 404 5/153"),
      "nginx-curl-413", List.of("POST /upload 413 784/183"),
      "nginx-curl-413-early", List.of("POST /upload 413 784/183"),
      "node-curl", List.of(
          "GET /stream/{id} 200 -/13", "GET /hints 200 -/2", "POST /orders 201 16/12", "POST /orders/{id} 201 784/13",
          "POST /orders/{id} 201 784/13", "HTTP /cache/a 200 -/13", "GET /old 200 -/-"),
      "node-curl-close", List.of("GET /close 200 -/-"),
      "node-websocket", List.of("GET /chat 101 -/-"),
      "python-curl", List.of("GET /{id}.txt 200 -/8"));

  private final TestContext context = new TestContext("protocols.http");
  private final ProtocolHarness harness = new ProtocolHarness(() -> Tap.protocol(context));

  static Stream<Arguments> conversations() {
    return CONVERSATIONS.entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  static Conversation read(String name) {
    return Conversation.read(RecordedTest.class, name + ".txt");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("conversations")
  void everyWay(String name, List<String> exchanges) {
    assertThat(harness.everyWay(read(name))).extracting(RecordedTest::told).isEqualTo(exchanges);
  }

  /** Name, status, and the sizes of both bodies. */
  private static String told(TestSpan span) {
    Map<String, Object> a = span.attributes();
    return span.name() + " " + a.get("http.response.status_code") + " " + a.getOrDefault("http.request.body.size", "-")
        + "/" + a.getOrDefault("http.response.body.size", "-");
  }

  /** Without its CONNECT, what the tunnel carries is HTTP as any other. */
  @Test
  void aTunnel() {
    Conversation tunnel = read("node-curl-connect");
    harness.split(tunnel);
    harness.ended(tunnel);
    assertThat(harness.whole(tunnel)).extracting(RecordedTest::told).containsExactly("CONNECT 200 -/-");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("sides")
  void aHeadOf3KilobytesWithItsParentLast(String side) {
    Tap tap = side.equals("server") ? Tap.server() : Tap.client();
    read("node-curl-long-head").parts().forEach(p -> tap.data(p.request(), Tap.bytes(p.bytes()), p.bytes().length()));
    assertThat(tap.exchanges()).containsExactly("GET /users/42/cart 200", "GET /users/43/cart 200");
    assertThat(tap.spans()).extracting(s -> s.get("parent"))
        .containsExactly(TRACE + "-b7ad6b7169203331", TRACE + "-b7ad6b7169203332");
    assertThat(tap.spans().toString()).as("the cookie").doesNotContain("xxx");
  }

  static Stream<String> sides() {
    return Stream.of("server", "client");
  }
}
