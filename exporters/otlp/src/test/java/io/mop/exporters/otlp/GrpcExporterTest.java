package io.mop.exporters.otlp;

import static io.mop.testkit.TestOutcome.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.rpc.RetryInfo;
import io.grpc.ConnectivityState;
import io.grpc.Context;
import io.grpc.Status;
import io.mop.api.data.Signal;
import io.mop.api.plugin.Secret;
import io.mop.exporters.otlp.GrpcSink.Answer;
import io.mop.exporters.otlp.Otlp.Compression;
import io.mop.exporters.otlp.Otlp.Config;
import io.mop.testkit.TestBatch;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestOutcome;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Against grpc-java's own server. */
class GrpcExporterTest {
  private final GrpcSink sink = new GrpcSink();
  private final TestContext context = new TestContext("exporters.otlp/test");
  private final TestOutcome outcome = new TestOutcome();
  private final Random random = new Random(1);
  private GrpcExporter exporter = exporter(sink.endpoint(), LIMIT, Compression.NONE, Map.of());

  static Config config(String endpoint, Duration timeout, Compression compression, Map<String, Secret> headers) {
    return TestConfig.grpc(endpoint).headers(headers).timeout(timeout).compression(compression).build();
  }

  private GrpcExporter exporter(String to, Duration timeout, Compression compression, Map<String, Secret> headers) {
    return new GrpcExporter(config(to, timeout, compression, headers), context, Map.of());
  }

  private void use(GrpcExporter other) {
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

  @Test
  void aServerThatDoesNotSpeakHttp2IsNamedWithoutAStackTraceInTheLog() throws Exception {
    List<LogRecord> logged = new CopyOnWriteArrayList<>();
    Handler handler = new Handler() {
      @Override
      public void publish(LogRecord record) {
        logged.add(record);
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
    Logger root = Logger.getLogger("");
    root.addHandler(handler);
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread garbage = new Thread(() -> {
        try {
          while (true) {
            try (Socket peer = server.accept()) {
              peer.getOutputStream().write("SSH-2.0-none\r\nnot HTTP/2\r\n".getBytes(StandardCharsets.US_ASCII));
              peer.shutdownOutput();
              peer.getInputStream().readAllBytes();
            } catch (SocketException reset) {
              if (server.isClosed()) return;
            }
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
      garbage.start();
      use(exporter("127.0.0.1:" + server.getLocalPort(), LIMIT, Compression.NONE, Map.of()));
      assertThat(export(1))
          .startsWith("retry ").contains("127.0.0.1:" + server.getLocalPort(), "First received frame was not SETTINGS");
    } finally {
      root.removeHandler(handler);
    }
    assertThat(logged).noneMatch(record -> record.getThrown() != null);
  }

  @ParameterizedTest(name = "compression {0}")
  @EnumSource(Compression.class)
  void messagesArriveByteForByte(Compression compression) throws Exception {
    use(exporter(sink.endpoint(), LIMIT, compression,
        Map.of("X-Scope-OrgID", new Secret("eu"), "trace-bin", new Secret("ä"))));
    List<ExportTraceServiceRequest> sent = new ArrayList<>();
    // From one span to more than 4 MiB.
    for (int spans : new int[] {1, 400, 512, 200_000}) {
      ExportTraceServiceRequest request = Requests.of(random, spans);
      sent.add(request);
      TestBatch batch = Requests.batch(request);
      exporter.export(batch, outcome);
      assertThat(outcome.take()).isEqualTo("delivered");
      batch.release();
    }
    assertThat(sink.requests).hasSize(4);
    for (int i = 0; i < 4; i++) {
      GrpcSink.Request got = sink.requests.get(i);
      assertThat(ExportTraceServiceRequest.parseFrom(got.message())).isEqualTo(sent.get(i));
      assertThat(got.signal()).isEqualTo(Signal.TRACES);
      assertThat(got.header("x-scope-orgid")).isEqualTo("eu");
      assertThat(got.headers().get(io.grpc.Metadata.Key.of("trace-bin", io.grpc.Metadata.BINARY_BYTE_MARSHALLER)))
          .isEqualTo("ä".getBytes(StandardCharsets.UTF_8));
      assertThat(got.header("user-agent")).startsWith("mop ");
      assertThat(got.header("grpc-encoding"))
          .isEqualTo(compression == Compression.NONE ? null : compression.name().toLowerCase(Locale.ROOT));
    }
    assertThat(sink.requests.get(3).message().length).isBetween(4 << 20, 16 << 20);
    assertThat(sink.peers).as("one connection").hasSize(1);
    assertThat(context.health()).isEmpty();
  }

  @Test
  void everySignalHasItsMethod() {
    for (Signal signal : Signal.values()) {
      byte[] unknownField = {(byte) (signal.ordinal() + 5 << 3), 0};
      exporter.export(TestBatch.of(signal, unknownField), outcome);
      assertThat(outcome.take()).isEqualTo("delivered");
    }
    assertThat(sink.requests).extracting(GrpcSink.Request::signal).containsExactly(Signal.values());
    assertThat(sink.requests).extracting(r -> r.message()[0]).containsExactly((byte) 40, (byte) 48, (byte) 56);
  }

  private static byte[] partial(long rejected, String message) {
    return ExportTraceServiceResponse.newBuilder()
        .setPartialSuccess(
            ExportTracePartialSuccess.newBuilder().setRejectedSpans(rejected).setErrorMessage(message))
        .build().toByteArray();
  }

  private static byte[] retryInfo(long seconds, int nanos) {
    RetryInfo info = RetryInfo.newBuilder()
        .setRetryDelay(com.google.protobuf.Duration.newBuilder().setSeconds(seconds).setNanos(nanos)).build();
    // Another detail first.
    return com.google.rpc.Status.newBuilder().setCode(14).setMessage("busy")
        .addDetails(Any.pack(com.google.rpc.ErrorInfo.getDefaultInstance())).addDetails(Any.pack(info))
        .build().toByteArray();
  }

  static Stream<Arguments> answers() {
    Answer busy = Answer.of(Status.UNAVAILABLE.withDescription("busy"));
    Answer full = Answer.of(Status.RESOURCE_EXHAUSTED.withDescription("quota"));
    List<Arguments> all = new ArrayList<>(List.of(
        Arguments.of("OK, garbage", Answer.ok("hello".getBytes(StandardCharsets.UTF_8)), "delivered"),
        Arguments.of("OK, a long answer", Answer.ok(partial(2, "x".repeat(100_000))), "delivered"),
        Arguments.of("partial success", Answer.ok(partial(2, "too\nold")), "partly 2 PEER: partial success: too old"),
        Arguments.of("partial, no message", Answer.ok(partial(1, "")),
            "partly 1 PEER: partial success without a message"),
        Arguments.of("partial, more than sent", Answer.ok(partial(99, "x")), "partly 5 PEER: partial success: x"),
        Arguments.of("partial, only a warning", Answer.ok(partial(0, "old schema")), "delivered"),
        Arguments.of("UNAVAILABLE with RetryInfo", busy.details(retryInfo(7, 500_000_000)),
            "retry PT7.5S PEER: UNAVAILABLE: busy"),
        Arguments.of("UNAVAILABLE, garbage as details", busy.details(new byte[] {26, 99, 1}),
            "retry PT0S PEER: UNAVAILABLE: busy"),
        Arguments.of("UNAVAILABLE for a year", busy.details(retryInfo(31_536_000, 0)),
            "retry PT1H PEER: UNAVAILABLE: busy"),
        Arguments.of("UNAVAILABLE, a negative delay", busy.details(retryInfo(-3, 0)),
            "retry PT0S PEER: UNAVAILABLE: busy"),
        Arguments.of("RESOURCE_EXHAUSTED", full, "rejected PEER: RESOURCE_EXHAUSTED: quota"),
        Arguments.of("RESOURCE_EXHAUSTED, other details",
            full.details(com.google.rpc.Status.newBuilder().setCode(8).build().toByteArray()),
            "rejected PEER: RESOURCE_EXHAUSTED: quota"),
        Arguments.of("RESOURCE_EXHAUSTED with RetryInfo", full.details(retryInfo(2, 0)),
            "retry PT2S PEER: RESOURCE_EXHAUSTED: quota"),
        Arguments.of("RESOURCE_EXHAUSTED, RetryInfo without delay",
            full.details(com.google.rpc.Status.newBuilder().addDetails(Any.pack(RetryInfo.getDefaultInstance()))
                .build().toByteArray()),
            "retry PT0S PEER: RESOURCE_EXHAUSTED: quota"),
        Arguments.of("INVALID_ARGUMENT with RetryInfo",
            Answer.of(Status.INVALID_ARGUMENT.withDescription("no\ttenant")).details(retryInfo(2, 0)),
            "rejected PEER: INVALID_ARGUMENT: no tenant"),
        Arguments.of("UNIMPLEMENTED", Answer.of(Status.UNIMPLEMENTED),
            "rejected PEER: the peer does not take traces: UNIMPLEMENTED")));
    for (Status.Code again : List.of(Status.Code.CANCELLED, Status.Code.DEADLINE_EXCEEDED, Status.Code.ABORTED,
        Status.Code.OUT_OF_RANGE, Status.Code.UNAVAILABLE, Status.Code.DATA_LOSS)) {
      all.add(Arguments.of(again.name(), Answer.of(again.toStatus()), "retry PT0S PEER: " + again));
    }
    for (Status.Code never : List.of(Status.Code.UNKNOWN, Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND,
        Status.Code.ALREADY_EXISTS, Status.Code.PERMISSION_DENIED, Status.Code.UNAUTHENTICATED,
        Status.Code.FAILED_PRECONDITION, Status.Code.INTERNAL)) {
      all.add(Arguments.of(never.name(), Answer.of(never.toStatus()), "rejected PEER: " + never));
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("answers")
  void anAnswerIsUnderstoodAsTheSpecificationSays(String name, Answer answer, String expected) {
    sink.next(answer);
    assertThat(export(5)).isEqualTo(expected.replace("PEER", sink.endpoint()));
    if (expected.startsWith("delivered")) {
      assertThat(context.health()).isEmpty();
      return;
    }
    assertThat(export(5)).as("the next batch").isEqualTo("delivered");
    if (!expected.startsWith("partly")) assertThat(context.health()).hasSize(2).endsWith("healthy");
    assertThat(sink.peers).as("one connection, whatever was answered").hasSize(1);
  }

  @Test
  void aPeerWithoutTheServiceRejectsTheSignal() {
    try (GrpcSink tracesOnly = new GrpcSink(0, Optional.empty(), Set.of(Signal.TRACES), b -> { })) {
      use(exporter(tracesOnly.endpoint(), LIMIT, Compression.NONE, Map.of()));
      assertThat(export(1)).isEqualTo("delivered");
      exporter.export(TestBatch.of(Signal.LOGS, new byte[] {10, 0}), outcome);
      assertThat(outcome.take()).startsWith(
          "rejected " + tracesOnly.endpoint() + ": the peer does not take logs: UNIMPLEMENTED: Method not found");
    }
  }

  @Test
  void aMessageAboveThePeersLimitIsRejectedWithThePeersWords() {
    try (GrpcSink small =
        new GrpcSink(0, Optional.empty(), Set.of(Signal.TRACES), b -> b.maxInboundMessageSize(1000))) {
      use(exporter(small.endpoint(), LIMIT, Compression.NONE, Map.of()));
      assertThat(export(1000)).startsWith("rejected " + small.endpoint() + ": RESOURCE_EXHAUSTED: ")
          .contains("1000");
    }
  }

  @Test
  void aPeerThatDoesNotAnswerEndsWithTheTimeoutAndReadsTheBatchNoMore() {
    use(exporter(sink.endpoint(), Duration.ofMillis(300), Compression.NONE, Map.of()));
    // The connection first, which may take longer than the time-out the first time in a process.
    Await.until("a connection", () -> export(1).equals("delivered"));
    sink.next(Answer.ok(new byte[0]).hold());
    TestBatch batch = Requests.batch(Requests.of(random, 2000));
    exporter.export(batch, outcome);
    assertThat(outcome.take()).isEqualTo("retry PT0S " + sink.endpoint() + ": no answer within 300 ms");
    batch.release();
    Await.until("a delivery on another connection", () -> export(3).equals("delivered"));
    assertThat(sink.peers).hasSizeGreaterThan(1);
    assertThat(context.health()).contains(sink.endpoint() + ": no answer within 300 ms").endsWith("healthy");
  }

  @Test
  void aCallersDeadlineIsNotTheCalls() throws Exception {
    Context.CancellableContext caller = Context.current().withCancellation();
    sink.next(Answer.ok(new byte[0]).hold());
    caller.run(() -> exporter.export(Requests.batch(Requests.of(random, 1)), outcome));
    sink.awaitRequests(1);
    caller.cancel(null);
    sink.release();
    assertThat(outcome.take()).isEqualTo("delivered");
  }

  @Test
  void thePeersAbsenceIsAPauseNotALoss() {
    assertThat(export(2)).isEqualTo("delivered");
    sink.close();
    assertThat(export(2)).startsWith("retry PT0S " + sink.endpoint() + ": ");
    for (int i = 0; i < 5; i++) {
      assertThat(export(2)).isEqualTo("retry PT0S " + sink.endpoint() + ": connection refused");
    }
    try (GrpcSink again = new GrpcSink(sink.port())) {
      // At once: no back-off of the channel's own is waited for.
      Await.until("a delivery", () -> export(4).equals("delivered"));
      assertThat(again.requests).hasSize(1);
    }
    assertThat(context.health()).endsWith("healthy");
  }

  /** The queue's back-off is the only one: with the channel's own, most would fail without an attempt. */
  @Test
  void aFailedConnectionIsTriedAgainByTheNextBatch() throws Exception {
    AtomicInteger accepted = new AtomicInteger();
    ServerSocket slammed = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread acceptor = new Thread(() -> {
      try (slammed) {
        while (true) {
          slammed.accept().close();
          accepted.incrementAndGet();
        }
      } catch (IOException e) {
        // closed: the test is over
      }
    });
    acceptor.start();
    use(exporter("127.0.0.1:" + slammed.getLocalPort(), LIMIT, Compression.NONE, Map.of()));
    for (int i = 1; i <= 20; i++) {
      int attempts = i;
      assertThat(export(1)).startsWith("retry PT0S 127.0.0.1:");
      // backing off, or idle if the connection stood for a moment
      Await.until(
          "the channel knows it too",
          () -> exporter.state() == ConnectivityState.TRANSIENT_FAILURE || exporter.state() == ConnectivityState.IDLE);
      Await.until("attempt " + i, () -> accepted.get() >= attempts);
    }
    slammed.close();
    acceptor.join();
    // each batch made one; the channel may have made more of its own
    assertThat(accepted.get()).isGreaterThanOrEqualTo(20);
  }

  @Test
  void anUnknownHostIsWorthAnotherTry() {
    use(exporter("no-such-host.invalid:4317", LIMIT, Compression.NONE, Map.of()));
    assertThat(export(1)).isEqualTo("retry PT0S no-such-host.invalid:4317: unknown host no-such-host.invalid");
  }

  @Test
  void aServerThatGoesAwayAnswersWhatItHasAndTheNextOneTakesTheRest() {
    sink.next(Answer.ok(new byte[0]).hold());
    TestOutcome first = new TestOutcome();
    exporter.export(Requests.batch(Requests.of(random, 1)), first);
    sink.awaitRequests(1);
    sink.shutdown();
    try (GrpcSink next = new GrpcSink(sink.port())) {
      // Until its GOAWAY has arrived the old server takes calls too.
      AtomicInteger delivered = new AtomicInteger(1);
      Await.until("a delivery to the next server", () -> {
        if (export(2).equals("delivered")) delivered.incrementAndGet();
        return !next.requests.isEmpty();
      });
      sink.release();
      assertThat(first.take()).isEqualTo("delivered");
      assertThat(sink.requests.size() + next.requests.size()).isEqualTo(delivered.get());
    }
  }

  @ParameterizedTest(name = "compression {0}")
  @EnumSource(Compression.class)
  void batchesMayBeUnderWayAtOnce(Compression compression) throws Exception {
    use(exporter(sink.endpoint(), LIMIT, compression, Map.of()));
    Set<ExportTraceServiceRequest> sent = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      ExportTraceServiceRequest request = Requests.of(random, 50);
      sent.add(request);
      exporter.export(Requests.batch(request), outcome);
    }
    for (int i = 0; i < 200; i++) assertThat(outcome.take()).isEqualTo("delivered");
    Set<ExportTraceServiceRequest> got = new HashSet<>();
    for (GrpcSink.Request r : sink.requests) got.add(ExportTraceServiceRequest.parseFrom(r.message()));
    assertThat(sink.requests).hasSize(200);
    assertThat(got).isEqualTo(sent);
  }

  @Test
  void largeBatchesAtOnceArriveWhole() throws Exception {
    List<byte[]> sent = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      byte[] bytes = new byte[16 << 20];
      random.nextBytes(bytes);
      UnknownFieldSet.Field field =
          UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.copyFrom(bytes)).build();
      byte[] message = UnknownFieldSet.newBuilder().addField(15, field).build().toByteArray();
      sent.add(message);
      exporter.export(TestBatch.of(Signal.LOGS, message), outcome);
    }
    for (int i = 0; i < 4; i++) assertThat(outcome.take()).isEqualTo("delivered");
    assertThat(sink.requests).extracting(GrpcSink.Request::message).containsExactlyInAnyOrderElementsOf(sent);
  }
}
