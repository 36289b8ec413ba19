package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.exporter.otlp.logs.OtlpGrpcLogRecordExporter;
import io.opentelemetry.exporter.otlp.metrics.OtlpGrpcMetricExporter;
import io.opentelemetry.exporter.otlp.trace.OtlpGrpcSpanExporter;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.sdk.logs.SdkLoggerProvider;
import io.opentelemetry.sdk.logs.export.BatchLogRecordProcessor;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.mop.api.data.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The exporters that applications use: what they say they sent has arrived, to the item. */
class SdkExportersTest {
  private final Running running = new Running();

  @AfterEach
  void close() {
    running.close();
  }

  private String grpc() {
    return "http://127.0.0.1:" + running.grpcPort();
  }

  private String http(String path) {
    return "http://127.0.0.1:" + running.httpPort() + path;
  }

  private SpanExporter spans(String protocol, String compression) {
    return protocol.equals("grpc")
        ? OtlpGrpcSpanExporter.builder().setEndpoint(grpc()).setCompression(compression).build()
        : OtlpHttpSpanExporter.builder().setEndpoint(http("/v1/traces")).setCompression(compression).build();
  }

  private static SdkTracerProvider provider(SpanExporter exporter) {
    return SdkTracerProvider.builder().addSpanProcessor(BatchSpanProcessor.builder(exporter)
        .setMaxQueueSize(20_000).setMaxExportBatchSize(100).setScheduleDelay(Duration.ofMillis(10)).build()).build();
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({"grpc,none", "grpc,gzip", "http,none", "http,gzip"})
  void spansOfManyConcurrentClientsAreAllThere(String protocol, String compression) throws Exception {
    List<Thread> clients = new ArrayList<>();
    for (int c = 0; c < 8; c++) {
      Thread client = new Thread(() -> {
        SdkTracerProvider provider = provider(spans(protocol, compression));
        Tracer tracer = provider.get("test");
        for (int i = 0; i < 1234; i++) {
          Span span = tracer.spanBuilder("work").startSpan();
          span.setAttribute("i", i);
          span.end();
        }
        assertThat(provider.shutdown().join(20, TimeUnit.SECONDS).isSuccess()).isTrue();
      });
      client.start();
      clients.add(client);
    }
    for (Thread client : clients) client.join();
    assertThat(running.intake.spans()).isEqualTo(8 * 1234);
    assertThat(running.context.count("requests_accepted")).isEqualTo(running.intake.requests.size());
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"grpc", "http"})
  void metricsAndLogsArrive(String protocol) throws Exception {
    MetricExporter metrics = protocol.equals("grpc")
        ? OtlpGrpcMetricExporter.builder().setEndpoint(grpc()).build()
        : OtlpHttpMetricExporter.builder().setEndpoint(http("/v1/metrics")).setCompression("gzip").build();
    LogRecordExporter logs = protocol.equals("grpc")
        ? OtlpGrpcLogRecordExporter.builder().setEndpoint(grpc()).setCompression("gzip").build()
        : OtlpHttpLogRecordExporter.builder().setEndpoint(http("/v1/logs")).build();
    SdkMeterProvider meters = SdkMeterProvider.builder()
        .registerMetricReader(PeriodicMetricReader.builder(metrics).setInterval(Duration.ofHours(1)).build()).build();
    meters.get("test").counterBuilder("orders").build().add(42, Attributes.empty());
    SdkLoggerProvider loggers = SdkLoggerProvider.builder()
        .addLogRecordProcessor(BatchLogRecordProcessor.builder(logs).build()).build();
    loggers.get("test").logRecordBuilder().setSeverity(Severity.ERROR).setBody("broken").emit();
    assertThat(meters.shutdown().join(20, TimeUnit.SECONDS).isSuccess()).isTrue();
    assertThat(loggers.shutdown().join(20, TimeUnit.SECONDS).isSuccess()).isTrue();

    assertThat(running.intake.requests).hasSize(2);
    for (FakeIntake.Request request : running.intake.requests) {
      if (request.signal() == Signal.METRICS) {
        assertThat(ExportMetricsServiceRequest.parseFrom(request.bytes()).getResourceMetrics(0).getScopeMetrics(0)
            .getMetrics(0).getSum().getDataPoints(0).getAsInt()).isEqualTo(42);
      } else {
        assertThat(ExportLogsServiceRequest.parseFrom(request.bytes()).getResourceLogs(0).getScopeLogs(0)
            .getLogRecords(0).getBody().getStringValue()).isEqualTo("broken");
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"grpc", "http"})
  void refusedRequestsAreSentAgain(String protocol) {
    AtomicInteger refusals = new AtomicInteger(2);
    running.intake.retryAfter = Duration.ofMillis(1);
    running.intake.onSubmit = (request, ack) -> {
      if (refusals.getAndDecrement() > 0) {
        running.intake.requests.remove(request);
        ack.refused("later", Duration.ofMillis(1));
      } else {
        ack.safe();
      }
    };
    SdkTracerProvider provider = provider(spans(protocol, "gzip"));
    provider.get("test").spanBuilder("work").startSpan().end();
    assertThat(provider.shutdown().join(20, TimeUnit.SECONDS).isSuccess()).isTrue();
    assertThat(running.intake.spans()).isEqualTo(1);
    assertThat(running.context.count("requests_refused")).isEqualTo(2);
  }

  @Test
  void bothServersShareTheIntake() {
    SdkTracerProvider both = SdkTracerProvider.builder()
        .addSpanProcessor(BatchSpanProcessor.builder(spans("grpc", "gzip")).build())
        .addSpanProcessor(BatchSpanProcessor.builder(spans("http", "gzip")).build()).build();
    for (int i = 0; i < 100; i++) both.get("test").spanBuilder("work").startSpan().end();
    assertThat(both.shutdown().join(20, TimeUnit.SECONDS).isSuccess()).isTrue();
    assertThat(running.intake.spans()).isEqualTo(200);
  }
}
