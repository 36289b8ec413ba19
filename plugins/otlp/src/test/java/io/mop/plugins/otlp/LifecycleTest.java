package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Ack;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).filter(n -> n.startsWith("mop-"))
        .collect(Collectors.toSet());
  }

  @Test
  void closingLeavesNoThreadAndNoListener() throws Exception {
    Running running = new Running();
    int[] ports = {running.grpcPort(), running.httpPort()};
    byte[] body = Telemetry.traces(1);
    try (GrpcClient client = new GrpcClient(ports[0]); RawHttp idle = new RawHttp(ports[1]);
        RawHttp half = new RawHttp(ports[1])) {
      client.export(Signal.TRACES, body, "gzip");
      idle.send(RawHttp.head(body.length)).send(body);
      assertThat(idle.status()).isEqualTo(200);
      half.send(RawHttp.head(body.length)).send(new byte[10]);
      Await.until("the half request has begun", () -> running.context.count("requests") == 3);
      assertThat(threads()).isNotEmpty();
      running.close();
      assertThat(idle.ended()).isTrue();
      assertThat(half.ended()).isTrue();
    }
    for (int port : ports) {
      assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
          .isInstanceOf(ConnectException.class);
    }
    Await.until("the threads have ended", () -> threads().isEmpty());
    running.close(); // again is harmless
  }

  @Test
  void closingLetsAcknowledgementsThatAreDueArrive() throws Exception {
    Running running = new Running();
    running.intake.hold = true;
    byte[] body = Telemetry.traces(1);
    try (GrpcClient client = new GrpcClient(running.grpcPort()); RawHttp http = new RawHttp(running.httpPort())) {
      ListenableFuture<byte[]> call = client.send(Signal.TRACES, body, GrpcClient.IDENTITY);
      http.send(RawHttp.head(body.length)).send(body);
      Await.until("both are held", () -> running.intake.held.size() == 2);
      Thread closing = new Thread(running::close);
      closing.start();
      Await.until("close waits", () -> closing.getState() == Thread.State.TIMED_WAITING);
      running.intake.held.forEach(Ack::safe);
      assertThat(call.get(20, TimeUnit.SECONDS)).isEmpty();
      assertThat(http.status()).isEqualTo(200);
      closing.join();
    }
    assertThat(running.context.count("requests_accepted")).isEqualTo(2);
  }

  @Test
  void acknowledgementsAfterTheEndAreHarmless() throws Exception {
    Running running = new Running();
    running.intake.hold = true;
    byte[] body = Telemetry.traces(1);
    try (GrpcClient client = new GrpcClient(running.grpcPort()); RawHttp http = new RawHttp(running.httpPort())) {
      client.send(Signal.TRACES, body, GrpcClient.IDENTITY);
      http.send(RawHttp.head(body.length)).send(body);
      Await.until("both are held", () -> running.intake.held.size() == 2);
      running.receiver.close();
    }
    running.intake.held.forEach(Ack::safe);
    assertThat(running.context.count("requests_accepted")).isEqualTo(2);
  }

  @Test
  void startedAgainOnTheSamePortsAfterClose() throws Exception {
    for (int i = 0; i < 20; i++) {
      Running running = new Running();
      try (GrpcClient client = new GrpcClient(running.grpcPort())) {
        client.export(Signal.LOGS, Telemetry.logs(), "zstd");
      }
      running.close();
    }
    Await.until("the threads have ended", () -> threads().isEmpty());
  }
}
