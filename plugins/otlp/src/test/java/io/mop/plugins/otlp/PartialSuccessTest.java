package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.mop.api.data.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PartialSuccessTest {
  private static final String WHY = "spans \"without\" ids";

  private static Message.Builder expected(Signal signal) {
    return switch (signal) {
      case TRACES -> {
        var all = ExportTraceServiceResponse.newBuilder();
        all.getPartialSuccessBuilder().setRejectedSpans(300).setErrorMessage(WHY);
        yield all;
      }
      case METRICS -> {
        var all = ExportMetricsServiceResponse.newBuilder();
        all.getPartialSuccessBuilder().setRejectedDataPoints(300).setErrorMessage(WHY);
        yield all;
      }
      case LOGS -> {
        var all = ExportLogsServiceResponse.newBuilder();
        all.getPartialSuccessBuilder().setRejectedLogRecords(300).setErrorMessage(WHY);
        yield all;
      }
    };
  }

  private static byte[] request(Signal signal) {
    return switch (signal) {
      case TRACES -> Telemetry.traces(2);
      case METRICS -> Telemetry.metrics();
      case LOGS -> Telemetry.logs();
    };
  }

  private static Running running() {
    Running running = new Running();
    running.intake.onSubmit = (request, ack) -> ack.safe(300, WHY);
    return running;
  }

  private static HttpResponse<byte[]> post(Running running, Signal signal, String type, byte[] body) throws Exception {
    String path = "/v1/" + signal.name().toLowerCase(Locale.ROOT);
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    return client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + running.httpPort() + path))
        .header("Content-Type", type).POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void grpcTellsWhatWasNotTaken(Signal signal) {
    try (Running running = running(); GrpcClient client = new GrpcClient(running.grpcPort())) {
      assertThat(client.export(signal, request(signal), "gzip")).isEqualTo(expected(signal).build().toByteArray());
      assertThat(running.context.count("requests_accepted")).isEqualTo(1);
      assertThat(running.context.count("items_rejected")).isEqualTo(300);
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void httpTellsWhatWasNotTaken(Signal signal) throws Exception {
    try (Running running = running()) {
      HttpResponse<byte[]> response = post(running, signal, "application/x-protobuf", request(signal));
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo(expected(signal).build().toByteArray());
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void jsonTellsWhatWasNotTaken(Signal signal) throws Exception {
    String json = switch (signal) {
      case TRACES -> "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"01\",\"spanId\":\"02\"}]}]}]}";
      case METRICS -> "{\"resourceMetrics\":[{\"scopeMetrics\":[{\"metrics\":[{\"name\":\"a\"}]}]}]}";
      case LOGS -> "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"1\"}]}]}]}";
    };
    try (Running running = running()) {
      HttpResponse<byte[]> response =
          post(running, signal, "application/json", json.getBytes(StandardCharsets.UTF_8));
      assertThat(response.statusCode()).isEqualTo(200);
      Message.Builder told = expected(signal).build().newBuilderForType();
      JsonFormat.parser().merge(new String(response.body(), StandardCharsets.UTF_8), told);
      assertThat(told.build()).isEqualTo(expected(signal).build());
      // As protobuf's own printer has it: 64-bit numbers are text.
      assertThat(response.body()).asString().contains("\"300\"");
    }
  }
}
