package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.OtlpSink;
import io.mop.testkit.OtlpSink.Answer;
import io.mop.testkit.TestSpan;
import jakarta.json.JsonObject;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the shipped MOP says of itself: over HTTP, to systemd, and as OTLP; and that a stop delivers. */
@Timeout(300)
class TelemetryTest {
  private static final Pattern HTTP = Pattern.compile("OTLP/HTTP on 127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern TELEMETRY = Pattern.compile("Health and metrics are at (http://127\\.0\\.0\\.1:\\d+)/");
  private static final Pattern BOOK =
      Pattern.compile("mop_component_(items_total|held)\\{component=\"([^\"]*)\",(?:direction=\"(\\w+)\",)?"
          + "(?:reason=\"[^\"]*\",)?signal=\"(\\w+)\"\\} (\\d+)");

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private final HttpClient client = HttpClient.newHttpClient();
  private long sent;

  @AfterEach
  void stop() {
    sink.close();
  }

  private String config() {
    return """
        receivers:
          otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } }
          self: { interval: 1s }
        exporters:
          otlp:
            endpoint: %1$s
            retry_on_failure: { initial_interval: 50ms, max_interval: 500ms }
            sending_queue: { size: 100KiB }
          otlp/self: { endpoint: %1$s }
        service:
          shutdown_timeout: 60s
          pipelines:
            traces: { receivers: [otlp], exporters: [otlp] }
        """
        .formatted(sink.url());
  }

  private String configWithSelf() {
    return config() + "    metrics: { receivers: [self], exporters: [otlp/self] }\n";
  }

  private static String found(Pattern pattern, MopProcess mop) {
    Matcher matcher = pattern.matcher(mop.log());
    assertThat(matcher.find()).as(mop.log()).isTrue();
    return matcher.group(1);
  }

  private HttpResponse<String> get(MopProcess mop, String path) throws Exception {
    URI uri = URI.create(found(TELEMETRY, mop) + path);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  /** @return the answer's status */
  private int send(MopProcess mop, int spans) throws Exception {
    List<TestSpan> all = new ArrayList<>();
    for (int i = 0; i < spans; i++) {
      TestSpan s = TestSpan.of("GET");
      all.add(
          new TestSpan(
              s.traceHigh(), s.traceLow(), sent + i + 1, 0, s.name(), s.kind(), s.status(), s.start(), s.end(), Map.of(),
              Map.of(), Map.of("service.name", "test")));
    }
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + found(HTTP, mop) + "/v1/traces"))
            .header("Content-Type", "application/x-protobuf")
            .POST(BodyPublishers.ofByteArray(TestSpan.request(all)))
            .build();
    int status = client.send(request, BodyHandlers.discarding()).statusCode();
    if (status == 200) sent += spans;
    return status;
  }

  @Test
  void metricsAreTheBooks() throws Exception {
    try (MopProcess mop = MopProcess.start(directory, config(), "--telemetry", "127.0.0.1:0")) {
      assertThat(get(mop, "/readyz").statusCode()).isEqualTo(200);
      for (int i = 0; i < 10; i++) assertThat(send(mop, 20)).isEqualTo(200);
      mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") == 200);
      sink.always(Answer.status(400));
      assertThat(send(mop, 7)).isEqualTo(200);
      Status status = mop.await("7 are rejected", s -> s.traces("exporters.otlp", "held") == 0
          && s.traces("exporters.otlp", "in") == 207);
      HttpResponse<String> metrics = get(mop, "/metrics");
      assertThat(metrics.statusCode()).isEqualTo(200);
      assertThat(books(metrics.body())).isEqualTo(books(status)).isNotEmpty();
      assertThat(metrics.body())
          .contains(
              "mop_component_items_total{component=\"exporters.otlp\",direction=\"failed\",reason=\"rejected\","
                  + "signal=\"traces\"} 7\n",
              "mop_receiver_otlp_requests_total{component=\"receivers.otlp\"} 11\n",
              "mop_build_info{commit=", ",version=\"" + System.getProperty("mop.version") + "\"} 1\n",
              "mop_config_hash{hash=\"" + sha256(directory.resolve("mop.yaml")) + "\"} 1\n");
      assertThat(mop.stop()).isZero();
      assertThat(mop.log()).doesNotContain(" ERROR ");
    }
  }

  private static String sha256(Path file) throws Exception {
    byte[] digest = java.security.MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    return java.util.HexFormat.of().formatHex(digest);
  }

  /** By component, signal and direction the sum over reasons; checks that each balances. */
  private static Map<String, Long> books(String metrics) {
    Map<String, Long> books = new TreeMap<>();
    Map<String, Long> differences = new TreeMap<>();
    Matcher m = BOOK.matcher(metrics);
    while (m.find()) {
      String direction = m.group(1).equals("held") ? "held" : m.group(3);
      long items = Long.parseLong(m.group(5));
      books.merge(m.group(2) + " " + m.group(4) + " " + direction, items, Long::sum);
      differences.merge(
          m.group(2) + " " + m.group(4), Set.of("in", "created").contains(direction) ? items : -items, Long::sum);
    }
    assertThat(differences.values()).as(differences.toString()).containsOnly(0L);
    books.values().removeIf(v -> v == 0);
    return books;
  }

  private static Map<String, Long> books(Status status) {
    Map<String, Long> books = new TreeMap<>();
    for (JsonObject f : status.json().getJsonArray("flows").getValuesAs(JsonObject.class)) {
      String of = f.getString("path") + " " + f.getString("signal") + " ";
      for (String key : List.of("in", "created", "out", "held")) books.put(of + key, f.getJsonNumber(key).longValue());
      for (String key : List.of("filtered", "refused", "failed")) {
        books.put(of + key, f.getJsonObject(key).values().stream().mapToLong(v -> Long.parseLong(v.toString())).sum());
      }
    }
    books.values().removeIf(v -> v == 0);
    return books;
  }

  @Test
  void systemdIsToldAndAStopDeliversWhatIsHeld() throws Exception {
    Path socket = directory.resolve("notify");
    Path file = Files.writeString(directory.resolve("mop.yaml"), config());
    Map<String, String> env =
        Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "1000000", "MOP_TELEMETRY", "127.0.0.1:0");
    try (NotifyListener systemd = new NotifyListener(socket);
        MopProcess mop = MopProcess.start(directory.resolve("mop"), file, env)) {
      systemd.await("READY=1");
      assertThat(systemd.lines()).startsWith("STATUS=starting");
      systemd.await("WATCHDOG=1");

      sink.always(Answer.status(503));
      while (send(mop, 100) == 200) assertThat(sent).isLessThan(100_000);
      HttpResponse<String> full = get(mop, "/readyz");
      assertThat(full.statusCode()).isEqualTo(503);
      assertThat(full.body()).contains("the sending queue of exporters.otlp holds ").contains("503");
      assertThat(get(mop, "/healthz").statusCode()).isEqualTo(200);
      mop.await("all that was sent is held", s -> s.traces("exporters.otlp", "held") == sent);

      mop.terminate();
      systemd.await("STOPPING=1");
      Await.until("it says that it stops", () -> stopping(mop), mop::log);
      assertThat(get(mop, "/healthz").statusCode()).isEqualTo(200);
      long before = systemd.lines().size();
      Await.until(
          "the watchdog is fed while it drains",
          () -> systemd.lines().stream().skip(before).anyMatch("WATCHDOG=1"::equals),
          systemd::lines);
      assertThat(sink.spans()).isZero();
      sink.always(Answer.ok());
      int exit = mop.awaitExit();
      assertThat(exit).as("exit code; log: %s", mop.log()).isZero();
      assertThat(sink.spans()).isEqualTo(sent);
      assertThat(sink.distinctSpanIds()).isEqualTo(sent);
      assertThat(systemd.lines()).containsOnlyOnce("READY=1").containsOnlyOnce("STOPPING=1");
      assertThat(mop.log()).doesNotContain(" ERROR ");
    }
  }

  private boolean stopping(MopProcess mop) {
    try {
      HttpResponse<String> answer = get(mop, "/readyz");
      return answer.statusCode() == 503 && answer.body().contains("\"state\":\"stopping\"");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void itsOwnMetricsGoThroughItsOwnPipelines() throws Exception {
    try (MopProcess mop = MopProcess.start(directory, configWithSelf())) {
      sink.awaitRequests(2, Await.LIMIT);
      assertThat(send(mop, 5)).isEqualTo(200);
      assertThat(mop.stop()).isZero();
      OtlpSink.Request last = sink.kept().stream().filter(r -> r.path().equals("/v1/metrics")).reduce((a, b) -> b).orElseThrow();
      assertThat(new String(last.body(), java.nio.charset.StandardCharsets.ISO_8859_1))
          .contains("mop.component.items", "receivers.otlp", "service.instance.id");
      assertThat(sink.points()).isPositive();
      assertThat(mop.log()).doesNotContain("Health and metrics are at").doesNotContain(" ERROR ");
    }
  }

  @Test
  void anAddressInUseIsAWarningThatNamesTheKeyAndMopRuns() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      try (MopProcess mop = MopProcess.start(directory, config(), "--telemetry", address)) {
        assertThat(mop.log().lines().filter(l -> l.contains(" WARNING ")))
            .singleElement()
            .asString()
            .contains("telemetry: cannot listen at " + address, "--telemetry or MOP_TELEMETRY");
        assertThat(send(mop, 1)).isEqualTo(200);
        sink.awaitSpans(1, Await.LIMIT);
        assertThat(mop.stop()).isZero();
      }
    }
  }

  @Test
  void anAddressThatIsNoneIsWrongUsage() throws Exception {
    for (String address : List.of("13133", "127.0.0.1:99999", "on")) {
      Cli.Result result = Cli.run(directory, "run", "--telemetry", address);
      assertThat(result.code()).isEqualTo(2);
      assertThat(result.err()).contains("--telemetry (MOP_TELEMETRY) is " + address + ": expected HOST:PORT");
    }
  }
}
