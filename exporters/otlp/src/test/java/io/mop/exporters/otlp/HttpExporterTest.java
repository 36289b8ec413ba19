package io.mop.exporters.otlp;

import static io.mop.testkit.TestOutcome.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import io.mop.api.data.Signal;
import io.mop.api.plugin.Secret;
import io.mop.exporters.otlp.Otlp.Compression;
import io.mop.exporters.otlp.Otlp.Config;
import io.mop.testkit.OtlpSink.Answer;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestBatch;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestOutcome;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class HttpExporterTest {
  private final OtlpSink sink = new OtlpSink().keepRequests().decoding("zstd", ZstdInputStream::new);
  private final TestContext context = new TestContext("exporters.otlp/test");
  private final TestOutcome outcome = new TestOutcome();
  private final Random random = new Random(1);
  private HttpExporter exporter = exporter(LIMIT, Compression.NONE, Map.of());

  private HttpExporter exporter(Duration timeout, Compression compression, Map<String, Secret> headers) {
    Config config = TestConfig.http(sink.url()).headers(headers).timeout(timeout).compression(compression).build();
    return new HttpExporter(config, context, Map.of());
  }

  private void use(HttpExporter other) {
    exporter.close();
    exporter = other;
  }

  @AfterEach
  void close() {
    exporter.close();
    sink.close();
    assertThat(outcome.untaken()).as("outcomes told more than once").isEmpty();
  }

  private String export(int spans) {
    exporter.export(Requests.batch(Requests.of(random, spans)), outcome);
    return outcome.take();
  }

  @ParameterizedTest(name = "compression {0}")
  @EnumSource(Compression.class)
  void bodiesArriveByteForByte(Compression compression) throws Exception {
    use(exporter(LIMIT, compression, Map.of("x-scope-orgid", new Secret("eu"))));
    // From one span to several MiB: below, at and above the pieces of a body.
    List<ExportTraceServiceRequest> sent = new ArrayList<>();
    long checksum = 0;
    for (int spans : new int[] {1, 400, 512, 100_000}) {
      ExportTraceServiceRequest request = Requests.of(random, spans);
      sent.add(request);
      for (var span : request.getResourceSpans(0).getScopeSpans(0).getSpansList()) {
        checksum += OtlpSink.mix(span.getSpanId().asReadOnlyByteBuffer().getLong());
      }
      exporter.export(Requests.batch(request), outcome);
      assertThat(outcome.take()).isEqualTo("delivered");
    }
    assertThat(sink.kept()).hasSize(4);
    for (int i = 0; i < 4; i++) {
      OtlpSink.Request got = sink.kept().get(i);
      assertThat(ExportTraceServiceRequest.parseFrom(got.body())).isEqualTo(sent.get(i));
      assertThat(got.path()).isEqualTo("/v1/traces");
      assertThat(got.headers()).containsEntry("content-type", "application/x-protobuf")
          .containsEntry("x-scope-orgid", "eu").containsKey("content-length");
      assertThat(got.headers().get("content-encoding")).isEqualTo(
          compression == Compression.NONE ? null : compression.name().toLowerCase(Locale.ROOT));
    }
    assertThat(sink.spans()).isEqualTo(100_913).isEqualTo(sink.distinctSpanIds());
    assertThat(sink.checksum()).isEqualTo(checksum);
    assertThat(sink.connections()).as("connections are kept alive").isEqualTo(1);
    assertThat(context.health()).isEmpty();
  }

  @Test
  void everySignalHasItsPath() {
    var metrics = ExportMetricsServiceRequest.newBuilder();
    metrics.addResourceMetricsBuilder().addScopeMetricsBuilder().addMetricsBuilder().getGaugeBuilder()
        .addDataPointsBuilder();
    var logs = ExportLogsServiceRequest.newBuilder();
    logs.addResourceLogsBuilder().addScopeLogsBuilder().addLogRecords(LogRecord.getDefaultInstance())
        .addLogRecords(LogRecord.getDefaultInstance());
    exporter.export(TestBatch.of(Signal.METRICS, metrics.build().toByteArray()), outcome);
    assertThat(outcome.take()).isEqualTo("delivered");
    exporter.export(TestBatch.of(Signal.LOGS, logs.build().toByteArray()), outcome);
    assertThat(outcome.take()).isEqualTo("delivered");
    assertThat(export(3)).isEqualTo("delivered");
    assertThat(sink.kept()).extracting(OtlpSink.Request::path)
        .containsExactly("/v1/metrics", "/v1/logs", "/v1/traces");
    assertThat(List.of(sink.points(), sink.logs(), sink.spans())).containsExactly(1L, 2L, 3L);
  }

  static Stream<Arguments> answers() {
    // google.rpc.Status { code: 5, message: "no such tenant" }
    byte[] status = bytes("\u0008\u0005\u0012\u000eno such tenant");
    return Stream.of(
        Arguments.of("200", Answer.ok(), "delivered"),
        Arguments.of("202 with a text", Answer.status(202).body("text/plain", bytes("ok")), "delivered"),
        Arguments.of("200, garbage", Answer.ok().body("application/x-protobuf", bytes("hello")), "delivered"),
        Arguments.of("partial success", Answer.partial(2, "too\nold"), "partly 2 URL: partial success: too old"),
        Arguments.of("partial, no message", Answer.partial(1, ""), "partly 1 URL: partial success without a message"),
        Arguments.of("partial, more than sent", Answer.partial(99, "x"), "partly 5 URL: partial success: x"),
        Arguments.of("partial, only a warning", Answer.partial(0, "old schema"), "delivered"),
        Arguments.of("429", Answer.status(429), "retry PT0S URL: status 429"),
        Arguments.of("502", Answer.status(502), "retry PT0S URL: status 502"),
        Arguments.of("503 with seconds", Answer.busy("7"), "retry PT7S URL: status 503"),
        Arguments.of("503 with a date", Answer.busy("Fri, 15 Jan 2027 08:01:30 GMT"), "retry PT1M30S URL: status 503"),
        Arguments.of("503, a past date", Answer.busy("Fri, 15 Jan 2027 07:59:59 GMT"), "retry PT0S URL: status 503"),
        Arguments.of("503 with a year", Answer.busy("31536000"), "retry PT1H URL: status 503"),
        Arguments.of("503 with nonsense", Answer.busy("soon"), "retry PT0S URL: status 503"),
        Arguments.of("504 with a page", Answer.status(504).body("text/html", bytes("<b>\tproxy</b>")),
            "retry PT0S URL: status 504: <b> proxy</b>"),
        Arguments.of("400 with a status message", Answer.status(400).body("application/x-protobuf", status),
            "rejected URL: status 400: no such tenant"),
        Arguments.of("401", Answer.status(401), "rejected URL: status 401"),
        Arguments.of("413", Answer.status(413), "rejected URL: status 413"),
        Arguments.of("500", Answer.status(500), "rejected URL: status 500"),
        Arguments.of("501 with Retry-After", Answer.status(501).header("Retry-After", "3"), "rejected URL: status 501"),
        Arguments.of("307", Answer.status(307).header("Location", "/elsewhere"), "rejected URL: status 307"));
  }

  private static byte[] bytes(String s) {
    return s.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answers")
  void anAnswerIsUnderstoodAsTheSpecificationSays(String name, Answer answer, String expected) {
    sink.next(answer);
    assertThat(export(5)).isEqualTo(expected.replace("URL", sink.url() + "/v1/traces"));
    if (expected.startsWith("delivered")) {
      assertThat(context.health()).isEmpty();
      return;
    }
    assertThat(export(5)).as("the next batch").isEqualTo("delivered");
    if (!expected.startsWith("partly")) assertThat(context.health()).hasSize(2).endsWith("healthy");
  }

  @Test
  void anAnswerOfAnySizeIsReadToALimit() {
    sink.next(Answer.status(400).body("text/plain", new byte[40 << 20]), Answer.ok().body("a/b", new byte[40 << 20]));
    assertThat(export(1)).isEqualTo("rejected " + sink.url() + "/v1/traces: status 400");
    assertThat(export(1)).isEqualTo("delivered");
  }

  @Test
  void aPeerThatDoesNotAnswerEndsWithTheTimeoutAndReadsTheBatchNoMore() {
    use(exporter(Duration.ofMillis(300), Compression.NONE, Map.of()));
    sink.next(Answer.ok().hold());
    TestBatch batch = Requests.batch(Requests.of(random, 2000));
    exporter.export(batch, outcome);
    assertThat(outcome.take()).isEqualTo("retry PT0S " + sink.url() + "/v1/traces: no answer within 300 ms");
    batch.release();
    sink.release();
    assertThat(export(3)).isEqualTo("delivered");
    assertThat(context.health()).containsExactly(sink.url() + "/v1/traces: no answer within 300 ms", "healthy");
  }

  @Test
  void thePeersAbsenceIsAPauseNotALoss() {
    assertThat(export(2)).isEqualTo("delivered");
    sink.close();
    // Also with a kept connection that has ended: it is tried again on a new one.
    assertThat(export(2)).isEqualTo("retry PT0S " + sink.url() + "/v1/traces: connection refused");
    assertThat(export(2)).isEqualTo("retry PT0S " + sink.url() + "/v1/traces: connection refused");
    try (OtlpSink again = new OtlpSink(sink.port())) {
      assertThat(export(4)).isEqualTo("delivered");
      assertThat(again.spans()).isEqualTo(4);
    }
    assertThat(context.health()).endsWith("healthy");
  }

  @Test
  void anUnknownHostIsWorthAnotherTry() {
    Config config = TestConfig.http("http://no-such-host.invalid:4318").build();
    use(new HttpExporter(config, context, Map.of()));
    assertThat(export(1)).isEqualTo("retry PT0S http://no-such-host.invalid:4318/v1/traces: unknown host no-such-host.invalid");
  }

  @Test
  void aSignalWithoutAnEndpointIsRejected() {
    Config config = TestConfig.http(null).traces(sink.url() + "/custom?token=secret").build();
    use(new HttpExporter(config, context, Map.of()));
    exporter.export(TestBatch.of(Signal.LOGS, new byte[0]), outcome);
    assertThat(outcome.take()).isEqualTo("rejected no endpoint is configured for logs");
    sink.next(Answer.status(503));
    assertThat(export(1)).as("a query is never shown").isEqualTo("retry PT0S " + sink.url() + "/custom: status 503");
    assertThat(sink.kept().get(0).path()).isEqualTo("/custom?token=secret");
  }

  @ParameterizedTest(name = "compression {0}")
  @EnumSource(Compression.class)
  void batchesMayBeUnderWayAtOnce(Compression compression) {
    use(exporter(LIMIT, compression, Map.of()));
    for (int i = 0; i < 200; i++) exporter.export(Requests.batch(Requests.of(random, 50)), outcome);
    for (int i = 0; i < 200; i++) assertThat(outcome.take()).isEqualTo("delivered");
    assertThat(sink.spans()).isEqualTo(10_000).isEqualTo(sink.distinctSpanIds());
  }

  @Test
  void closeEndsWhatIsUnderWayAndItsThreads() {
    Set<Thread> before = threads();
    use(exporter(LIMIT, Compression.GZIP, Map.of()));
    assertThat(export(1)).isEqualTo("delivered");
    assertThat(threads()).hasSizeGreaterThan(before.size());
    sink.always(Answer.ok().hold());
    exporter.export(Requests.batch(Requests.of(random, 10)), outcome);
    sink.awaitRequests(2, LIMIT);
    exporter.close();
    assertThat(outcome.take()).isEqualTo("retry PT0S " + sink.url() + "/v1/traces: the exporter was closed");
    exporter.export(Requests.batch(Requests.of(random, 10)), outcome);
    assertThat(outcome.take()).isEqualTo("retry PT0S the exporter is closed");
    // Ended threads are listed until they have returned.
    Await.until("no thread is left", () -> left(before).isEmpty());
    exporter.close(); // again is harmless
  }

  private static Set<Thread> left(Set<Thread> before) {
    return threads().stream().filter(t -> !before.contains(t)).collect(Collectors.toSet());
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith("exporters.otlp/"))
        .collect(Collectors.toSet());
  }
}
