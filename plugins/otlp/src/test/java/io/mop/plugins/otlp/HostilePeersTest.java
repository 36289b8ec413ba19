package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import io.mop.api.data.Signal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that send garbage, stop half-way, dawdle or come in crowds. */
class HostilePeersTest {
  private Running running = new Running();

  @AfterEach
  void stillWorksAndEnds() throws Exception {
    try (GrpcClient client = new GrpcClient(running.grpcPort()); RawHttp http = new RawHttp(running.httpPort())) {
      running.intake.hold = false;
      int before = running.intake.spans();
      client.export(Signal.TRACES, Telemetry.traces(3), GrpcClient.IDENTITY);
      byte[] body = Telemetry.traces(4);
      assertThat(http.send(RawHttp.head(body.length)).send(body).status()).isEqualTo(200);
      assertThat(running.intake.spans()).isEqualTo(before + 7);
    }
    running.close();
  }

  private void restart(Duration readTimeout, Duration idleTimeout, int maxConnections) {
    running.close();
    running = new Running(Running.config(readTimeout, idleTimeout, maxConnections));
  }

  @Test
  void garbageEndsOnlyItsConnection() throws Exception {
    Random random = new Random(7);
    for (int i = 0; i < 50; i++) {
      byte[] garbage = new byte[1 + random.nextInt(5000)];
      random.nextBytes(garbage);
      for (int port : new int[] {running.grpcPort(), running.httpPort()}) {
        try (RawHttp peer = new RawHttp(port)) {
          try {
            peer.send(garbage);
            peer.socket.shutdownOutput();
          } catch (IOException reset) {
            continue; // it may be thrown out while it still sends
          }
          assertThat(peer.ended()).isTrue();
        }
      }
    }
    assertThat(running.intake.requests).isEmpty();
    assertThat(running.context.count("connections_malformed")).isPositive();
    assertThat(running.context.count("requests_malformed")).isPositive();
  }

  @ParameterizedTest(name = "number {index}")
  @ValueSource(strings = {"\0\1\2\3", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r!",
      "PRI * HTTP/1.1\r\n\r\n"})
  void whatIsNotHttp2OnTheGrpcPortIsCountedAndEndsWithoutAStackTrace(String text) throws Exception {
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
    try (RawHttp peer = new RawHttp(running.grpcPort())) {
      for (char c : text.toCharArray()) {
        peer.send(String.valueOf(c)); // byte by byte: it may come in any pieces
      }
      assertThat(peer.ended()).isTrue();
      Await.until("the connection is gone", () -> running.receiver.grpc().connections() == 0);
    } catch (IOException reset) {
      // It may be thrown out while it still sends.
      Await.until("the connection is gone", () -> running.receiver.grpc().connections() == 0);
    } finally {
      root.removeHandler(handler);
    }
    assertThat(running.context.count("connections_malformed")).isEqualTo(1);
    assertThat(running.context.count("connections_tls_failed")).isZero();
    assertThat(logged).extracting(LogRecord::getThrown).containsOnlyNulls();
    assertThat(logged).extracting(LogRecord::getMessage).containsExactly(
        "receivers.otlp: a connection was closed: it does not begin as HTTP/2, which gRPC needs");
  }

  @ParameterizedTest(name = "number {index}")
  @ValueSource(strings = {
      "GARBAGE\r\n\r\n",
      "\1\2\376\377 \0\n\r\n",
      "POST /v1/traces HTTP/1.1\r\nContent-Type: application/x-protobuf\r\nContent-Length: -5\r\n\r\n",
      "POST /v1/traces HTTP/1.1\r\nContent-Type: application/x-protobuf\r\nContent-Length: 5\r\n"
      + "Content-Length: 6\r\n\r\n",
      "POST /v1/traces HTTP/1.1\r\nContent-Type: application/x-protobuf\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  })
  void brokenHttpIsBadRequest(String text) throws Exception {
    try (RawHttp peer = new RawHttp(running.httpPort())) {
      assertThat(peer.send(text).status()).isEqualTo(400);
      assertThat(peer.ended()).isTrue();
    }
    assertThat(running.context.count("requests_malformed")).isEqualTo(1);
  }

  @Test
  void endlessHeadersAndLinesAreCutOff() throws Exception {
    try (RawHttp peer = new RawHttp(running.httpPort())) {
      assertThat(peer.send("POST /" + "a".repeat(5000) + " HTTP/1.1\r\n\r\n").status()).isEqualTo(414);
    }
    try (RawHttp peer = new RawHttp(running.httpPort())) {
      assertThat(peer.send("POST /v1/traces HTTP/1.1\r\nA: " + "a".repeat(20000) + "\r\n\r\n").status())
          .isEqualTo(431);
    }
  }

  @Test
  void aClientThatAsksForWhatIsNotServedNeedNotSend() throws Exception {
    try (RawHttp peer = new RawHttp(running.httpPort())) {
      String head = RawHttp.head(100).replace("Host:", "Expect: 100-continue\r\nHost:");
      assertThat(peer.send(head.replace("traces", "unknown")).status()).isEqualTo(404);
      assertThat(peer.ended()).isTrue();
    }
    assertThat(running.context.count("requests_unsupported")).isEqualTo(1);
  }

  @Test
  void grpcOnTheHttpPortIsToldSo() throws Exception {
    try (RawHttp peer = new RawHttp(running.httpPort())) {
      assertThat(peer.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status()).isEqualTo(505);
    }
  }

  @Test
  void httpOnTheGrpcPortEndsTheConnection() throws Exception {
    try (RawHttp peer = new RawHttp(running.grpcPort())) {
      peer.send(RawHttp.head(10));
      assertThat(peer.ended()).isTrue();
    }
  }

  @ParameterizedTest(name = "cut after {0} bytes")
  @ValueSource(ints = {0, 10, 60, 140, 5000})
  void truncatedHttpRequestsLeaveNothing(int bytes) throws Exception {
    byte[] body = Telemetry.traces(100);
    byte[] all = (RawHttp.head(body.length) + new String(body, StandardCharsets.ISO_8859_1))
        .getBytes(StandardCharsets.ISO_8859_1);
    try (RawHttp peer = new RawHttp(running.httpPort())) {
      Await.until("the connection is open", () -> running.receiver.http().connections() == 1);
      peer.send(Arrays.copyOf(all, bytes));
    }
    Await.until("the connection is gone", () -> running.receiver.http().connections() == 0);
    running.settled();
    assertThat(running.intake.requests).isEmpty();
    int begun = bytes > RawHttp.head(body.length).length() ? 1 : 0;
    assertThat(running.context.count("requests_aborted")).isEqualTo(begun);
  }

  @ParameterizedTest(name = "cut after {0} bytes")
  @ValueSource(ints = {0, 20, 100, 300, 2000, 20000})
  void truncatedGrpcRequestsLeaveNothing(int bytes) throws Exception {
    try (CuttingProxy proxy = new CuttingProxy(running.grpcPort(), bytes); GrpcClient client =
        new GrpcClient(proxy.port())) {
      client.send(Signal.TRACES, Telemetry.traces(100), GrpcClient.IDENTITY);
      Await.until("the proxy has cut", proxy::hasCut);
    }
    running.settled();
    assertThat(running.intake.requests).isEmpty();
  }

  @Test
  void unfinishedMessagesOfAllConnectionsTogetherAreBounded() throws Exception {
    List<CuttingProxy> proxies = new ArrayList<>();
    List<GrpcClient> clients = new ArrayList<>();
    List<ListenableFuture<byte[]>> calls = new ArrayList<>();
    try {
      for (int i = 1; i <= 5; i++) {
        CuttingProxy proxy = new CuttingProxy(running.grpcPort(), 950_000, true);
        proxies.add(proxy);
        GrpcClient client = new GrpcClient(proxy.port());
        clients.add(client);
        calls.add(client.send(Signal.TRACES, Telemetry.zeros(Running.WIRE_LIMIT), GrpcClient.IDENTITY));
        long expected = 940_000L * i;
        if (i < 5) Await.until("it has stalled", () -> running.receiver.grpc().buffered() > expected);
      }
      assertThatThrownBy(() -> calls.get(4).get(20, TimeUnit.SECONDS)).satisfies(
          e -> assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.UNAVAILABLE));
      assertThat(running.context.count("requests_refused")).isEqualTo(1);
      assertThat(calls.subList(0, 4)).noneMatch(ListenableFuture::isDone);
    } finally {
      for (CuttingProxy proxy : proxies) proxy.close();
      clients.forEach(GrpcClient::close);
    }
    running.settled();
    assertThat(running.context.count("requests_aborted")).isEqualTo(4);
    Await.until("their memory is free", () -> running.receiver.grpc().buffered() == 0);
  }

  @Test
  void aMessageThatDoesNotEndIsCutOff() throws Exception {
    try (CuttingProxy proxy = new CuttingProxy(running.grpcPort(), 20_000, true); GrpcClient client =
        new GrpcClient(proxy.port())) {
      ListenableFuture<byte[]> call = client.send(Signal.TRACES, Telemetry.traces(100), GrpcClient.IDENTITY);
      Await.until("it has stalled", () -> running.receiver.grpc().buffered() > 10_000);
      running.receiver.grpc().endUnfinished(Duration.ofMinutes(1).toNanos());
      assertThat(running.outcomes()).isZero();
      running.receiver.grpc().endUnfinished(0);
      assertThatThrownBy(() -> call.get(20, TimeUnit.SECONDS)).satisfies(
          e -> assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    }
    assertThat(running.context.count("requests_aborted")).isEqualTo(1);
    Await.until("its memory is free", () -> running.receiver.grpc().buffered() == 0);
  }

  @Test
  void aPeerThatClosedItsSideStillGetsItsAnswer() throws Exception {
    running.intake.hold = true;
    byte[] body = Telemetry.traces(2);
    try (RawHttp peer = new RawHttp(running.httpPort())) {
      peer.send(RawHttp.head(body.length)).send(body);
      peer.socket.shutdownOutput();
      Await.until("the request is held", () -> running.intake.held.size() == 1);
      running.intake.held.remove().safe();
      assertThat(peer.status()).isEqualTo(200);
      assertThat(peer.ended()).isTrue();
    }
  }

  @Test
  void aPeerThatClosesItsSideWithinARequestIsLetGo() throws Exception {
    try (RawHttp peer = new RawHttp(running.httpPort())) {
      peer.send(RawHttp.head(1000)).send(new byte[500]);
      peer.socket.shutdownOutput();
      assertThat(peer.ended()).isTrue();
    }
    running.settled();
    assertThat(running.context.count("requests_aborted")).isEqualTo(1);
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    try (RawHttp peer = new RawHttp(running.httpPort())) {
      byte[] one = Telemetry.traces(1);
      String text = RawHttp.head(one.length) + new String(one, StandardCharsets.ISO_8859_1);
      String other = "GET /v1/traces HTTP/1.1\r\n\r\n";
      peer.send(text + text + other + text);
      assertThat(List.of(peer.status(), peer.status(), peer.status(), peer.status()))
          .containsExactly(200, 200, 405, 200);
    }
    assertThat(running.intake.spans()).isEqualTo(3);
  }

  @Test
  void aThousandIdleConnectionsCostNoMemoryOfTheEngine() throws Exception {
    List<RawHttp> peers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      peers.add(new RawHttp(running.grpcPort()));
      // Half of them stop in a request that announces the largest body.
      peers.add(new RawHttp(running.httpPort()).send(i % 2 == 0 ? "" : RawHttp.head(Running.WIRE_LIMIT)));
    }
    Await.until("all are open", () -> running.receiver.http().connections() == 500);
    Await.until("the heads have arrived", () -> running.context.count("requests") == 250);
    assertThat(running.intake.reserved.get()).isZero();
    try (GrpcClient client = new GrpcClient(running.grpcPort())) {
      client.export(Signal.TRACES, Telemetry.traces(5), GrpcClient.IDENTITY);
    }
    for (RawHttp peer : peers) peer.close();
    Await.until("all are gone", () -> running.receiver.http().connections() == 0);
    assertThat(running.context.count("requests_aborted")).isEqualTo(250);
  }

  @Test
  void connectionsAboveTheLimitAreClosedAndCounted() throws Exception {
    restart(Duration.ofSeconds(30), Duration.ofSeconds(30), 3);
    List<RawHttp> peers = new ArrayList<>();
    for (int port : new int[] {running.grpcPort(), running.httpPort()}) {
      for (int i = 0; i < 5; i++) peers.add(new RawHttp(port));
    }
    Await.until("four are refused", () -> running.context.count("connections_refused") == 4);
    for (RawHttp peer : peers) peer.close();
    Await.until("all are gone", () -> running.receiver.http().connections() == 0
        && running.receiver.grpc().connections() == 0);
  }

  @ParameterizedTest(name = "stops after: {0}")
  @ValueSource(strings = {"POST /v1", "POST /v1/traces HTTP/1.1\r\nContent-Length: 9\r\n"})
  void aRequestThatDoesNotEndIsCutOff(String text) throws Exception {
    restart(Duration.ofMillis(200), Duration.ofHours(1), 4096);
    try (RawHttp peer = new RawHttp(running.httpPort())) {
      assertThat(peer.send(text).ended()).isTrue();
    }
  }

  @Test
  void aBodyThatDribblesIsCutOffThoughBytesKeepComing() throws Exception {
    restart(Duration.ofMillis(300), Duration.ofHours(1), 4096);
    try (RawHttp peer = new RawHttp(running.httpPort())) {
      peer.send(RawHttp.head(1000));
      Await.until("the request is given up", () -> {
        try {
          peer.send("x");
        } catch (IOException closed) {
          // seen below
        }
        return running.context.count("requests_aborted") == 1;
      });
    }
  }

  @Test
  void anIdleConnectionIsClosedAndAPausedOneIsNot() throws Exception {
    restart(Duration.ofHours(1), Duration.ofMillis(200), 4096);
    try (RawHttp peer = new RawHttp(running.httpPort())) {
      assertThat(peer.ended()).isTrue();
    }
    restart(Duration.ofMillis(50), Duration.ofMillis(50), 4096);
    running.receiver.pause();
    byte[] body = Telemetry.traces(1);
    try (RawHttp peer = new RawHttp(running.httpPort())) {
      peer.send(RawHttp.head(body.length)).send(body);
      Await.until("the connection is open", () -> running.receiver.http().connections() == 1);
      long until = System.nanoTime() + Duration.ofMillis(300).toNanos();
      Await.until("several limits have passed", () -> System.nanoTime() > until);
      running.receiver.resume();
      assertThat(peer.status()).isEqualTo(200);
    }
  }
}
