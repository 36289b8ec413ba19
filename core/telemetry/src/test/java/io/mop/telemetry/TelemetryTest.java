package io.mop.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.control.Vitals;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class TelemetryTest {
  private final FakeEngine engine = new FakeEngine();
  private final Metrics metrics = new Metrics(engine, new Metrics.Build("1", ""), id -> "");
  private final HttpClient client = HttpClient.newHttpClient();
  private Telemetry telemetry;

  @BeforeEach
  void start() {
    telemetry = new Telemetry("127.0.0.1:0", engine, metrics);
  }

  @AfterEach
  void stop() {
    telemetry.close();
    metrics.close();
  }

  private int port() {
    return telemetry.address().orElseThrow().getPort();
  }

  private HttpResponse<String> ask(String method, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path)).method(method, BodyPublishers.noBody());
    for (int i = 0; i < headers.length; i += 2) request.header(headers[i], headers[i + 1]);
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"/healthz, alive", "/, alive", "/readyz, ready"})
  void wellIs200(String path, String key) throws Exception {
    HttpResponse<String> answer = ask("GET", path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    assertThat(answer.body()).startsWith("{\"" + key + "\":true,");
  }

  @Test
  void unwellIs503WithTheReason() throws Exception {
    engine.queues = List.of(new Vitals.Queue("exporters.a", 10, 10));
    assertThat(ask("GET", "/readyz").statusCode()).isEqualTo(503);
    assertThat(ask("GET", "/readyz").body()).contains("the sending queue of exporters.a holds 10 of 10 bytes");
    assertThat(ask("GET", "/healthz").statusCode()).isEqualTo(200);
    engine.sinceBeat = Duration.ofMinutes(5);
    assertThat(ask("GET", "/healthz").statusCode()).isEqualTo(503);
    assertThat(ask("GET", "/metrics").statusCode()).isEqualTo(200);
  }

  @Test
  void metricsComeAsAskedFor() throws Exception {
    HttpResponse<String> text = ask("GET", "/metrics");
    assertThat(text.headers().firstValue("content-type")).contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(text.body()).contains("# TYPE mop_config_applied_total counter\nmop_config_applied_total 3\n");
    HttpResponse<String> open = ask("GET", "/metrics", "Accept", "application/openmetrics-text; version=1.0.0");
    assertThat(open.headers().firstValue("content-type"))
        .contains("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(open.body()).contains("# TYPE mop_config_applied counter\n").endsWith("# EOF\n");
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource({
    "HEAD, /healthz, 200", "HEAD, /metrics, 200", "POST, /readyz, 405", "DELETE, /metrics, 405", "GET, /metric, 404",
    "GET, /metrics/, 404", "GET, /healthz/x, 404", "POST, /nothing, 404", "GET, /readyz?verbose, 200",
  })
  void pathsAndMethods(String method, String path, int status) throws Exception {
    HttpResponse<String> answer = ask(method, path);
    assertThat(answer.statusCode()).isEqualTo(status);
    if (status == 405) assertThat(answer.headers().firstValue("allow")).contains("GET, HEAD");
    if (method.equals("HEAD")) assertThat(answer.body()).isEmpty();
    else assertThat(answer.body()).isNotEmpty();
  }

  @Test
  void aReadingThatFailsIs500AndTheNextOneWorks() throws Exception {
    engine.state = null;
    assertThat(ask("GET", "/readyz").statusCode()).isEqualTo(500);
    engine.state = "running";
    assertThat(ask("GET", "/readyz").statusCode()).isEqualTo(200);
  }

  @Test
  void peersThatSendHalfARequestDoNotStopOthers() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 12; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        slow.add(socket);
        socket.getOutputStream().write("GET /healthz HTTP/1.1\r\nHos".getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
      }
      assertThat(ask("GET", "/healthz").statusCode()).isEqualTo(200);
      // they are shown out: an end of the stream, or a reset
      for (Socket socket : slow) assertThat(ended(socket)).isTrue();
    } finally {
      for (Socket socket : slow) socket.close();
    }
  }

  private static boolean ended(Socket socket) {
    try {
      return socket.getInputStream().read() < 0;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void anAddressInUseLeavesMopWithoutTelemetry() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Telemetry second = new Telemetry("127.0.0.1:" + taken.getLocalPort(), engine, metrics);
      assertThat(second.address()).isEmpty();
      second.close();
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {"off", "13133", ":13133", "127.0.0.1:", "127.0.0.1:port", "127.0.0.1:65536", "no.host.invalid:1"})
  void noAddressIsNoServer(String address) {
    Telemetry none = new Telemetry(address, engine, metrics);
    assertThat(none.address()).isEmpty();
    none.close();
  }

  @Test
  void aStopFreesTheAddress() throws Exception {
    InetSocketAddress address = telemetry.address().orElseThrow();
    ask("GET", "/healthz");
    telemetry.close();
    telemetry = new Telemetry("127.0.0.1:" + address.getPort(), engine, metrics);
    assertThat(telemetry.address()).contains(address);
    assertThat(ask("GET", "/healthz").statusCode()).isEqualTo(200);
  }
}
