package io.mop.exporters.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.pipeline.Exporter;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestOutcome;
import io.mop.testkit.TestProxy;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Through a real proxy, to a host that only the proxy knows. */
class ProxiedExportTest {
  private static final String HOST = "only.the.proxy.knows.invalid";

  private final TestProxy proxy = new TestProxy();
  private final OtlpSink http = new OtlpSink().keepRequests();
  private final GrpcSink grpc = new GrpcSink();
  private final TestContext context = new TestContext("exporters.otlp/test");
  private final TestOutcome outcome = new TestOutcome();

  @AfterEach
  void close() {
    http.close();
    grpc.close();
    proxy.close();
    assertThat(outcome.untaken()).isEmpty();
  }

  private String proxyAt(String login) {
    return "http://" + login + "127.0.0.1:" + proxy.port();
  }

  private String export(Exporter exporter, int spans) {
    exporter.export(Requests.batch(Requests.of(new Random(1), spans)), outcome);
    return outcome.take();
  }

  private HttpExporter http(TestConfig config, Map<String, String> environment) {
    return new HttpExporter(config.build(), context, environment);
  }

  @Test
  void plainHttpAsksTheProxyForTheWholeUrl() {
    proxy.expect("me", "p:w ä");
    String url = "http://" + HOST + ":" + http.port();
    HttpExporter exporter = http(TestConfig.http(url).proxy(proxyAt("me:p%3Aw%20%C3%A4@")), Map.of());
    for (int i = 0; i < 3; i++) assertThat(export(exporter, 3000)).isEqualTo("delivered");
    exporter.close();
    assertThat(http.spans()).isEqualTo(9000);
    assertThat(proxy.asked()).hasSize(3).containsOnly("POST " + url + "/v1/traces HTTP/1.1");
    assertThat(http.kept().get(0).headers()).containsEntry("host", HOST + ":" + http.port())
        .doesNotContainKey("proxy-authorization");
  }

  @Test
  void grpcGoesThroughATunnel() {
    proxy.expect("me", "pw");
    GrpcExporter exporter = new GrpcExporter(
        TestConfig.grpc(HOST + ":" + grpc.port()).proxy(proxyAt("me:pw@")).build(), context, Map.of());
    for (int i = 0; i < 3; i++) assertThat(export(exporter, 3000)).isEqualTo("delivered");
    exporter.close();
    assertThat(grpc.requests).hasSize(3);
    assertThat(proxy.asked()).containsExactly("CONNECT " + HOST + ":" + grpc.port() + " HTTP/1.1");
  }

  @Test
  void theEnvironmentsProxyIsUsedToo() {
    HttpExporter plain = http(TestConfig.http("http://" + HOST + ":" + http.port()),
        Map.of("http_proxy", "127.0.0.1:" + proxy.port()));
    assertThat(export(plain, 2)).isEqualTo("delivered");
    plain.close();
    GrpcExporter exporter = new GrpcExporter(TestConfig.grpc(HOST + ":" + grpc.port()).build(), context,
        Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port(), "NO_PROXY", "other.invalid"));
    assertThat(export(exporter, 2)).isEqualTo("delivered");
    exporter.close();
    assertThat(proxy.asked()).hasSize(2);
    GrpcExporter excepted = new GrpcExporter(TestConfig.grpc(HOST + ":" + grpc.port()).build(), context,
        Map.of("HTTPS_PROXY", "http://127.0.0.1:" + proxy.port(), "NO_PROXY", HOST));
    assertThat(export(excepted, 2)).endsWith("unknown host " + HOST);
    excepted.close();
    assertThat(proxy.asked()).hasSize(2);
  }

  @Test
  void aRefusedLoginIsAPauseNotALoss() {
    proxy.expect("me", "right");
    HttpExporter plain = http(TestConfig.http("http://" + HOST + ":" + http.port()).proxy(proxyAt("me:wr0ng@")), Map.of());
    assertThat(export(plain, 2)).isEqualTo("retry PT0S http://" + HOST + ":" + http.port()
        + "/v1/traces: the proxy does not take the user and password of its URL: status 407");
    plain.close();
    HttpExporter tunnel =
        http(TestConfig.http("https://" + HOST + ":" + http.port()).proxy(proxyAt("me:wr0ng@")), Map.of());
    assertThat(export(tunnel, 2)).isEqualTo("retry PT0S https://" + HOST + ":" + http.port() + "/v1/traces: "
        + "the proxy makes no tunnel to " + HOST + ":" + http.port() + ": it answers 407 Proxy Authentication Required");
    tunnel.close();
    GrpcExporter exporter = new GrpcExporter(
        TestConfig.grpc(HOST + ":" + grpc.port()).proxy(proxyAt("me:wr0ng@")).build(), context, Map.of());
    assertThat(export(exporter, 2)).isEqualTo("retry PT0S " + HOST + ":" + grpc.port()
        + ": the proxy makes no tunnel to " + HOST + ":" + grpc.port() + ": it answers 407 Proxy Authentication Required");
    exporter.close();
    assertThat(context.health()).noneMatch(s -> s.contains("wr0ng")).doesNotContain("healthy");
  }

  @Test
  void aProxyThatIsAwayIsNamed() {
    String at = proxyAt("me:s3cret@");
    proxy.close();
    String refused = "the proxy 127.0.0.1:" + proxy.port() + ": connection refused";
    HttpExporter plain = http(TestConfig.http("http://" + HOST + ":4318").proxy(at), Map.of());
    assertThat(export(plain, 2)).isEqualTo("retry PT0S http://" + HOST + ":4318/v1/traces: " + refused);
    plain.close();
    GrpcExporter exporter =
        new GrpcExporter(TestConfig.grpc(HOST + ":4317").proxy(at).build(), context, Map.of());
    assertThat(export(exporter, 2)).isEqualTo("retry PT0S " + HOST + ":4317: " + refused);
    exporter.close();
    HttpExporter unknown = http(TestConfig.http("http://h:1").proxy("http://no-such-proxy.invalid:1"), Map.of());
    assertThat(export(unknown, 2)).contains("the proxy no-such-proxy.invalid:1: unknown host no-such-proxy.invalid");
    unknown.close();
  }
}
