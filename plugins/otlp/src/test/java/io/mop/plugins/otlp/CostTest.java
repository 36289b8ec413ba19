package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.gson.JsonParser;
import com.google.protobuf.util.JsonFormat;
import io.mop.api.data.Signal;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Prints what receiving costs, in CPU time of the event loops; asserts only that everything arrived. */
class CostTest {
  private static final int SPANS = 100;
  private static final int ROUNDS = 5;
  private static final int WARM_UP = Integer.getInteger("mop.cost.warmup", 100);
  private static final int REQUESTS = Integer.getInteger("mop.cost.requests", 100);
  private static final int IN_FLIGHT = 16;

  private final byte[] message = Telemetry.traces(SPANS);
  private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

  private interface Sender {
    void send(int requests) throws Exception;
  }

  @Test
  void cpuPerRequest() throws Exception {
    assertThat(message.length / SPANS).isBetween(440, 480);
    byte[] json = JsonParser.parseString(JsonFormat.printer().print(ExportTraceServiceRequest.parseFrom(message)))
        .toString().getBytes(StandardCharsets.UTF_8);
    try (Running running = new Running(); GrpcClient grpc = new GrpcClient(running.grpcPort());
        GrpcClient packed = GrpcClient.precompressed(running.grpcPort())) {
      // Else making and keeping buffers would cost more than receiving.
      running.intake.reuse = true;
      measure("gRPC", running, n -> overGrpc(grpc, GrpcClient.IDENTITY, message, n));
      measure("gRPC gzip", running, n -> overGrpc(packed, "gzip", Telemetry.gzip(message), n));
      measure("gRPC zstd", running, n -> overGrpc(packed, "zstd", Zstd.compress(message), n));
      measure("HTTP", running, n -> overHttp(running.httpPort(), "application/x-protobuf", "", message, n));
      measure("HTTP gzip", running, n -> overHttp(running.httpPort(), "application/x-protobuf", "gzip",
          Telemetry.gzip(message), n));
      measure("HTTP zstd", running, n -> overHttp(running.httpPort(), "application/x-protobuf", "zstd",
          Zstd.compress(message), n));
      measure("HTTP JSON", running, n -> overHttp(running.httpPort(), "application/json", "",
          hexIds(json), n));
    }
  }

  /** Base64 ids have digits that are not hex; any hex of the right length costs the same. */
  private static byte[] hexIds(byte[] json) {
    return new String(json, StandardCharsets.UTF_8)
        .replaceAll("\"traceId\":\"[^\"]*\"", "\"traceId\":\"5b8efff798038103d269b633813fc60c\"")
        .replaceAll("panId\":\"[^\"]*\"", "panId\":\"eee19b7ec3c1b174\"").getBytes(StandardCharsets.UTF_8);
  }

  private void measure(String what, Running running, Sender sender) throws Exception {
    sender.send(WARM_UP);
    double[] micros = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      long accepted = running.context.count("requests_accepted");
      long cpu = loopCpuNanos();
      sender.send(REQUESTS);
      micros[i] = (loopCpuNanos() - cpu) / 1e3 / REQUESTS;
      assertThat(running.context.count("requests_accepted") - accepted).isEqualTo(REQUESTS);
    }
    Arrays.sort(micros);
    System.out.printf(Locale.ROOT,
        "receive %-10s %6.1f us CPU a request of %d spans x %d B, %.2f us a span (%.1f to %.1f)%n",
        what, micros[ROUNDS / 2], SPANS, message.length / SPANS, micros[ROUNDS / 2] / SPANS, micros[0],
        micros[ROUNDS - 1]);
  }

  private long loopCpuNanos() {
    long sum = 0;
    for (long id : threads.getAllThreadIds()) {
      var info = threads.getThreadInfo(id);
      if (info != null && info.getThreadName().startsWith("mop-")) sum += Math.max(0, threads.getThreadCpuTime(id));
    }
    return sum;
  }

  private static void overGrpc(GrpcClient client, String encoding, byte[] bytes, int requests) throws Exception {
    List<ListenableFuture<byte[]>> flight = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      flight.add(client.send(Signal.TRACES, bytes, encoding));
      if (flight.size() == IN_FLIGHT) flight.remove(0).get(20, TimeUnit.SECONDS);
    }
    for (var call : flight) call.get(20, TimeUnit.SECONDS);
  }

  private static void overHttp(int port, String type, String encoding, byte[] bytes, int requests) throws Exception {
    String head = RawHttp.head(bytes.length).replace("application/x-protobuf", type)
        .replace("Host:", encoding.isEmpty() ? "Host:" : "Content-Encoding: " + encoding + "\r\nHost:");
    try (RawHttp peer = new RawHttp(port)) {
      ByteArrayOutputStream whole = new ByteArrayOutputStream();
      whole.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
      whole.writeBytes(bytes);
      byte[] request = whole.toByteArray();
      for (int i = 0; i < requests; i++) assertThat(peer.send(request).status()).isEqualTo(200);
    }
  }
}
