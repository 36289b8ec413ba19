package io.mop.otlp;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.mop.api.data.Signal;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Requests as an SDK sends them; of traces about 700 bytes and 11 to 24 attributes a span, 17 on the resource. */
final class Samples {
  private static final String[] ATTRIBUTES = {"http.request.method", "http.route", "url.path", "url.scheme",
      "server.address", "client.address", "user_agent.original", "network.protocol.version", "db.system.name",
      "db.namespace", "db.query.text", "messaging.system", "thread.name", "enduser.id", "rpc.system", "rpc.service",
      "rpc.method", "code.function.name", "code.file.path", "app.tenant"};

  private Samples() {}

  static KeyValue text(String key, String value) {
    return KeyValue.newBuilder().setKey(key).setValue(AnyValue.newBuilder().setStringValue(value)).build();
  }

  static KeyValue integer(String key, long value) {
    return KeyValue.newBuilder().setKey(key).setValue(AnyValue.newBuilder().setIntValue(value)).build();
  }

  static ByteString bytes(Random random, int n) {
    byte[] b = new byte[n];
    random.nextBytes(b);
    return ByteString.copyFrom(b);
  }

  /** Spans of {@code resources} resources with 2 scopes each. */
  static ExportTraceServiceRequest traces(int spans, int resources) {
    Random random = new Random(42);
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    int left = spans;
    for (int r = 0; r < resources; r++) {
      Resource.Builder resource = Resource.newBuilder().addAttributes(text("service.name", "service-" + r));
      for (int i = 0; i < 16; i++) {
        resource.addAttributes(text("k8s.attribute.number." + i, "value-of-some-length-" + i * r));
      }
      ResourceSpans.Builder rs = ResourceSpans.newBuilder().setResource(resource)
          .setSchemaUrl("https://opentelemetry.io/schemas/1.30.0");
      for (int s = 0; s < 2; s++) {
        ScopeSpans.Builder scope = ScopeSpans.newBuilder();
        scope.getScopeBuilder().setName("io.opentelemetry.scope-" + s).setVersion("2.11.0");
        int parts = 2 * (resources - r) - s;
        for (int n = left / parts; n > 0; n--, left--) scope.addSpans(span(random));
        rs.addScopeSpans(scope);
      }
      request.addResourceSpans(rs);
    }
    return request.build();
  }

  /** A request of {@code items} items; data points are of all kinds, 8 a metric. */
  static Message request(Signal signal, int items) {
    return switch (signal) {
      case TRACES -> traces(items, 4);
      case METRICS -> metrics(items);
      case LOGS -> logs(items);
    };
  }

  private static List<KeyValue> attributes(int n) {
    List<KeyValue> list = new ArrayList<>();
    list.add(integer("http.response.status_code", 200));
    for (int i = 0; i < n; i++) list.add(text(ATTRIBUTES[i], "value-of-some-length-" + i));
    return list;
  }

  private static Message metrics(int points) {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    ResourceMetrics.Builder rm = request.addResourceMetricsBuilder();
    rm.getResourceBuilder().addAttributes(text("service.name", "service-0"));
    ScopeMetrics.Builder scope = rm.addScopeMetricsBuilder();
    for (int i = 0; i < points; ) {
      Metric.Builder m = scope.addMetricsBuilder().setName("metric." + i).setUnit("By");
      int kind = i / 8 % 5;
      for (int end = Math.min(points, i + 8); i < end; i++) {
        switch (kind) {
          case 0 -> m.getGaugeBuilder().addDataPointsBuilder().setAsInt(i).addAllAttributes(attributes(8));
          case 1 -> m.getSumBuilder().addDataPointsBuilder().setAsDouble(i).addAllAttributes(attributes(8));
          case 2 -> m.getHistogramBuilder().addDataPointsBuilder().setCount(i).addAllAttributes(attributes(8));
          case 3 -> m.getExponentialHistogramBuilder().addDataPointsBuilder().addAllAttributes(attributes(8));
          default -> m.getSummaryBuilder().addDataPointsBuilder().setSum(i).addAllAttributes(attributes(8));
        }
      }
    }
    return request.build();
  }

  private static Message logs(int records) {
    ExportLogsServiceRequest.Builder request = ExportLogsServiceRequest.newBuilder();
    ResourceLogs.Builder rl = request.addResourceLogsBuilder();
    rl.getResourceBuilder().addAttributes(text("service.name", "service-0"));
    ScopeLogs.Builder scope = rl.addScopeLogsBuilder();
    for (int i = 0; i < records; i++) {
      LogRecord.Builder log = scope.addLogRecordsBuilder().setSeverityText("INFO").addAllAttributes(attributes(8));
      log.getBodyBuilder().setStringValue("GET /api/v1/orders/" + i + " took 12 ms");
    }
    return request.build();
  }

  private static Span span(Random random) {
    long start = 1_790_000_000_000_000_000L + random.nextInt(1_000_000_000);
    Span.Builder span = Span.newBuilder().setTraceId(bytes(random, 16)).setSpanId(bytes(random, 8))
        .setParentSpanId(bytes(random, 8)).setFlags(0x101).setName("GET /api/v1/orders/{id}")
        .setKind(Span.SpanKind.SPAN_KIND_SERVER).setStartTimeUnixNano(start)
        .setEndTimeUnixNano(start + random.nextInt(50_000_000));
    span.addAttributes(integer("http.response.status_code", 200)).addAttributes(integer("thread.id", 42));
    int n = 9 + random.nextInt(12);
    for (int i = 0; i < n; i++) {
      span.addAttributes(text(ATTRIBUTES[i], "x".repeat(5 + random.nextInt(25))));
    }
    if (random.nextInt(50) == 0) span.setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR));
    return span.build();
  }

  static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
  }
}
