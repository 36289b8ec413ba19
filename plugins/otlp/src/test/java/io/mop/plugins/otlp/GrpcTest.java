package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Any;
import com.google.rpc.RetryInfo;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.mop.api.data.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcTest {
  private final Running running = new Running();
  private GrpcClient client;

  @BeforeEach
  void connect() {
    client = new GrpcClient(running.grpcPort());
  }

  @AfterEach
  void close() {
    client.close();
    running.close();
  }

  @ParameterizedTest(name = "{0} sent as {1}")
  @CsvSource({"TRACES,identity", "TRACES,gzip", "TRACES,zstd", "METRICS,identity", "METRICS,gzip", "METRICS,zstd",
      "LOGS,identity", "LOGS,gzip", "LOGS,zstd"})
  void bytesArriveUnchanged(Signal signal, String encoding) {
    byte[] message = switch (signal) {
      case TRACES -> Telemetry.traces(512);
      case METRICS -> Telemetry.metrics();
      case LOGS -> Telemetry.logs();
    };
    assertThat(client.export(signal, message, encoding)).isEmpty();
    assertThat(running.intake.requests).hasSize(1);
    assertThat(running.intake.requests.get(0).signal()).isEqualTo(signal);
    assertThat(running.intake.requests.get(0).bytes()).isEqualTo(message);
    long inflated = encoding.equals("identity") ? 0 : message.length;
    assertThat(running.context.count("inflated_bytes")).isEqualTo(inflated);
    if (inflated == 0) assertThat(running.context.count("wire_bytes")).isEqualTo(message.length);
    assertThat(running.context.count("requests_accepted")).isEqualTo(1);
  }

  @ParameterizedTest(name = "empty, {0}")
  @ValueSource(strings = {"identity", "gzip", "zstd"})
  void anEmptyRequestIsAccepted(String encoding) {
    assertThat(client.export(Signal.LOGS, new byte[0], encoding)).isEmpty();
    assertThat(running.intake.requests).isEmpty();
    assertThat(running.context.count("requests_accepted")).isEqualTo(1);
  }

  @Test
  void theLargestMessageIsAcceptedAndOneByteMoreIsNot() {
    client.export(Signal.TRACES, Telemetry.zeros(Running.WIRE_LIMIT), GrpcClient.IDENTITY);
    for (int above : new int[] {1, 2, 1000}) {
      StatusRuntimeException e =
          client.failure(Signal.TRACES, Telemetry.zeros(Running.WIRE_LIMIT + above), GrpcClient.IDENTITY);
      assertThat(GrpcClient.code(e)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
      assertThat(retryInfo(e)).isNull();
    }
    running.settled();
    assertThat(running.context.count("requests_oversize")).isEqualTo(3);
    assertThat(running.intake.requests).hasSize(1);
  }

  @ParameterizedTest(name = "{0}: inflated to the limit, then one byte more")
  @ValueSource(strings = {"gzip", "zstd"})
  void inflatedSizesAreLimitedToo(String encoding) {
    client.export(Signal.TRACES, Telemetry.zeros(Running.INFLATED_LIMIT), encoding);
    assertThat(running.intake.requests.get(0).bytes()).hasSize(Running.INFLATED_LIMIT);
    StatusRuntimeException e = client.failure(Signal.TRACES, Telemetry.zeros(Running.INFLATED_LIMIT + 1), encoding);
    assertThat(GrpcClient.code(e)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(e.getStatus().getDescription()).contains("max_inflated_size");
    assertThat(retryInfo(e)).isNull();
    assertThat(running.context.count("requests_inflate_limit")).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0} bomb")
  @ValueSource(strings = {"gzip", "zstd"})
  void bombsAreCutOffWithinTheLimit(String encoding) {
    StatusRuntimeException e = client.failure(Signal.TRACES, Telemetry.zeros(256 << 20), encoding);
    assertThat(GrpcClient.code(e)).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(running.context.count("wire_bytes")).isLessThan(Running.WIRE_LIMIT);
    // While growing to the limit there is the piece it grew from, too.
    assertThat(running.intake.peak.get()).isLessThan(2L * Running.INFLATED_LIMIT);
    assertThat(running.context.count("requests_inflate_limit")).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"gzip", "zstd"})
  void brokenCompressionIsTheSendersFault(String encoding) throws Exception {
    byte[] noise = new byte[5000];
    new Random(1).nextBytes(noise);
    byte[] good = encoding.equals("gzip") ? Telemetry.gzip(Telemetry.traces(10))
        : Zstd.compress(Telemetry.traces(10));
    byte[] cut = Arrays.copyOf(good, good.length - 20);
    try (GrpcClient raw = GrpcClient.precompressed(running.grpcPort())) {
      for (byte[] broken : List.of(noise, cut)) {
        StatusRuntimeException e = raw.failure(Signal.TRACES, broken, encoding);
        assertThat(GrpcClient.code(e)).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(e.getStatus().getDescription()).startsWith("the compressed message cannot be read");
      }
      raw.export(Signal.TRACES, good, encoding);
    }
    assertThat(running.context.count("requests_malformed")).isEqualTo(2);
    assertThat(running.intake.spans()).isEqualTo(10);
  }

  @Test
  void anUnknownEncodingIsUnimplemented() {
    StatusRuntimeException e = client.failure(Signal.TRACES, Telemetry.traces(1), "br");
    assertThat(GrpcClient.code(e)).isEqualTo(Status.Code.UNIMPLEMENTED);
    running.settled();
    assertThat(running.context.count("requests_unsupported")).isEqualTo(1);
  }

  @ParameterizedTest(name = "{0} not carried")
  @EnumSource(Signal.class)
  void aSignalWithoutPipelineIsUnimplemented(Signal signal) {
    running.intake.carried.remove(signal);
    StatusRuntimeException e = client.failure(signal, Telemetry.logs(), GrpcClient.IDENTITY);
    assertThat(GrpcClient.code(e)).isEqualTo(Status.Code.UNIMPLEMENTED);
    assertThat(e.getStatus().getDescription()).contains("no pipeline of this receiver carries");
    running.settled();
    assertThat(running.context.count("requests_unsupported")).isEqualTo(1);
  }

  @Test
  void anUnknownMethodIsUnimplemented() {
    assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(client.channel(), GrpcClient.method("some.Service/Export"),
        CallOptions.DEFAULT, new byte[10])).isInstanceOfSatisfying(StatusRuntimeException.class,
            e -> assertThat(GrpcClient.code(e)).isEqualTo(Status.Code.UNIMPLEMENTED));
    running.settled();
    assertThat(running.context.count("requests_unsupported")).isEqualTo(1);
  }

  @Test
  void malformedIsInvalidArgumentWithTheEnginesReason() {
    running.intake.malformed = "byte 17: a length of 900 in a message of 20";
    StatusRuntimeException e = client.failure(Signal.TRACES, Telemetry.traces(1), GrpcClient.IDENTITY);
    assertThat(GrpcClient.code(e)).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(e.getStatus().getDescription()).isEqualTo("byte 17: a length of 900 in a message of 20");
    assertThat(running.context.count("requests_malformed")).isEqualTo(1);
  }

  @ParameterizedTest(name = "no room for {0}")
  @ValueSource(strings = {"identity", "gzip", "zstd"})
  void noRoomIsRetryableAndSaysWhen(String encoding) {
    running.intake.budget = 100;
    StatusRuntimeException e = client.failure(Signal.TRACES, Telemetry.traces(10), encoding);
    assertThat(GrpcClient.code(e)).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(e.getStatus().getDescription()).isEqualTo("memory is full");
    assertThat(retryInfo(e)).isEqualTo(Duration.ofMillis(1500));
    assertThat(running.context.count("requests_refused")).isEqualTo(1);
    running.intake.budget = 1 << 30;
    client.export(Signal.TRACES, Telemetry.traces(10), encoding);
    assertThat(running.intake.spans()).isEqualTo(10);
  }

  @Test
  void noRoomToGrowIsRetryableToo() {
    running.intake.budget = 2 << 20;
    StatusRuntimeException e = client.failure(Signal.TRACES, Telemetry.zeros(3 << 20), "gzip");
    assertThat(GrpcClient.code(e)).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(retryInfo(e)).isEqualTo(Duration.ofMillis(1500));
  }

  @Test
  void refusedAfterSubmitIsRetryableAndAlwaysSaysWhen() {
    running.intake.onSubmit = (request, ack) -> ack.refused("the segment log is full", Duration.ZERO);
    StatusRuntimeException e = client.failure(Signal.TRACES, Telemetry.traces(1), GrpcClient.IDENTITY);
    assertThat(GrpcClient.code(e)).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(retryInfo(e)).isPositive();
  }

  @Test
  void aFaultOfTheEngineLosesNothing() {
    running.intake.onSubmit = (request, ack) -> {
      throw new IllegalStateException("a fault");
    };
    StatusRuntimeException e = client.failure(Signal.TRACES, Telemetry.traces(1), GrpcClient.IDENTITY);
    assertThat(GrpcClient.code(e)).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(retryInfo(e)).isPositive();
  }

  @Test
  void manyCallsOfOneConnectionWaitForTheirAcknowledgement() throws Exception {
    running.intake.hold = true;
    List<ListenableFuture<byte[]>> calls = new ArrayList<>();
    for (int i = 0; i < 300; i++) calls.add(client.send(Signal.TRACES, Telemetry.traces(1 + i % 3), "gzip"));
    Await.until("300 requests are held", () -> running.intake.held.size() == 300);
    assertThat(calls).noneMatch(ListenableFuture::isDone);
    int n = 0;
    for (var ack : running.intake.held) {
      if (n++ % 3 == 0) {
        ack.refused("later", Duration.ofSeconds(1));
      } else {
        ack.safe();
      }
    }
    int ok = 0;
    int unavailable = 0;
    for (ListenableFuture<byte[]> call : calls) {
      try {
        call.get(20, TimeUnit.SECONDS);
        ok++;
      } catch (ExecutionException e) {
        if (Status.fromThrowable(e).getCode() == Status.Code.UNAVAILABLE) unavailable++;
      }
    }
    assertThat(ok).isEqualTo(200);
    assertThat(unavailable).isEqualTo(100);
    assertThat(running.context.count("requests_accepted")).isEqualTo(200);
    assertThat(running.context.count("requests_refused")).isEqualTo(100);
  }

  @Test
  void aCallCancelledBeforeItsAcknowledgementIsStillCountedOnce() {
    running.intake.hold = true;
    ListenableFuture<byte[]> call = client.send(Signal.TRACES, Telemetry.traces(1), GrpcClient.IDENTITY);
    Await.until("the request is held", () -> running.intake.held.size() == 1);
    call.cancel(true);
    client.channel().shutdownNow();
    Await.until("the connection is gone", client.channel()::isTerminated);
    running.intake.held.remove().safe();
    running.settled();
    assertThat(running.context.count("requests_accepted")).isEqualTo(1);
  }

  @Test
  void whilePausedNothingIsReadAndAfterwardsEverythingIs() throws Exception {
    running.receiver.pause();
    List<ListenableFuture<byte[]>> calls = new ArrayList<>();
    for (int i = 0; i < 50; i++) calls.add(client.send(Signal.TRACES, Telemetry.traces(20), GrpcClient.IDENTITY));
    Await.until("the calls have begun", () -> running.context.count("requests") == 50);
    assertThat(running.intake.requests).isEmpty();
    assertThat(running.intake.reserved.get()).isZero();
    running.receiver.resume();
    for (ListenableFuture<byte[]> call : calls) assertThat(call.get(20, TimeUnit.SECONDS)).isEmpty();
    assertThat(running.intake.spans()).isEqualTo(1000);
  }

  @Test
  void callsThatWaitWhilePausedEndRetryablyAtClose() throws Exception {
    running.receiver.pause();
    ListenableFuture<byte[]> call = client.send(Signal.TRACES, Telemetry.traces(1), GrpcClient.IDENTITY);
    Await.until("the call has begun", () -> running.context.count("requests") == 1);
    running.receiver.close();
    assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS))
        .satisfies(e -> assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.UNAVAILABLE));
  }

  private static Duration retryInfo(StatusRuntimeException e) {
    byte[] details = e.getTrailers()
        .get(Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER));
    if (details == null) return null;
    try {
      com.google.rpc.Status status = com.google.rpc.Status.parseFrom(details);
      assertThat(status.getCode()).isEqualTo(e.getStatus().getCode().value());
      Any any = status.getDetails(0);
      com.google.protobuf.Duration delay = any.unpack(RetryInfo.class).getRetryDelay();
      return Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
    } catch (com.google.protobuf.InvalidProtocolBufferException broken) {
      throw new AssertionError(broken);
    }
  }
}
