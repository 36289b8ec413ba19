package io.mop.plugins.otlp;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Requests to send. */
final class Telemetry {
  private Telemetry() {}

  /** Spans of about 460 bytes with 16 attributes each. */
  static byte[] traces(int spans) {
    Random random = new Random(spans);
    ScopeSpans.Builder scope = ScopeSpans.newBuilder();
    for (int i = 0; i < spans; i++) {
      Span.Builder span = Span.newBuilder().setTraceId(id(random, 16)).setSpanId(id(random, 8))
          .setParentSpanId(id(random, 8)).setName("GET /orders/{id}").setKindValue(2)
          .setStartTimeUnixNano(1_700_000_000_000_000_000L + i).setEndTimeUnixNano(1_700_000_000_000_100_000L + i);
      for (int a = 0; a < 16; a++) {
        span.addAttributes(attribute("attr.key." + a, "v" + random.nextInt(1 << 16)));
      }
      scope.addSpans(span);
    }
    ExportTraceServiceRequest.Builder request = ExportTraceServiceRequest.newBuilder();
    request.addResourceSpansBuilder().addScopeSpans(scope).getResourceBuilder()
        .addAttributes(attribute("service.name", "shop"));
    return request.build().toByteArray();
  }

  static byte[] metrics() {
    ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
    request.addResourceMetricsBuilder().addScopeMetricsBuilder().addMetricsBuilder().setName("requests")
        .getSumBuilder().setIsMonotonic(true).addDataPointsBuilder().setAsInt(5).setTimeUnixNano(9);
    return request.build().toByteArray();
  }

  static byte[] logs() {
    ExportLogsServiceRequest.Builder request = ExportLogsServiceRequest.newBuilder();
    request.addResourceLogsBuilder().addScopeLogsBuilder().addLogRecordsBuilder().setTimeUnixNano(7)
        .setBody(AnyValue.newBuilder().setStringValue("hello"));
    return request.build().toByteArray();
  }

  static int spans(byte[] request) {
    try {
      return ExportTraceServiceRequest.parseFrom(request).getResourceSpansList().stream()
          .flatMap(r -> r.getScopeSpansList().stream()).mapToInt(ScopeSpans::getSpansCount).sum();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] gzip(byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  /** An empty request that is {@code bytes} long: an unknown field of zeros, which compresses a thousand times. */
  static byte[] zeros(int bytes) {
    ByteBuffer b = ByteBuffer.allocate(bytes);
    int length = bytes - 7;
    b.put((byte) 0xFA).put((byte) 0x01); // field 31, length-delimited
    for (int i = 0; i < 4; i++) b.put((byte) (length >>> 7 * i | 0x80));
    b.put((byte) (length >>> 28));
    return b.array();
  }

  static KeyValue attribute(String key, String value) {
    return KeyValue.newBuilder().setKey(key).setValue(AnyValue.newBuilder().setStringValue(value)).build();
  }

  private static ByteString id(Random random, int length) {
    byte[] id = new byte[length];
    random.nextBytes(id);
    return ByteString.copyFrom(id);
  }
}
