package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.resource.v1.Resource;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HistogramWriterTest {
  private static final List<Double> BOUNDS = List.of(0.005, 0.1, 2.5);

  private static final AnyValue TRUE = AnyValue.newBuilder().setBoolValue(true).build();

  private final HistogramWriter writer =
      new HistogramWriter(SpanWriter.resource(Map.of("service.name", "shop")), "io.mop.capture", "0.1.0");

  private void metric(String name, int points) {
    writer.begin(name, "s");
    for (int i = 0; i < points; i++) {
      writer.point(1, 1L << 62, 0.125 * i, new long[] {i, 2, 0, 1L << 40}, BOUNDS);
      writer.attribute("http.route", Text.of("/ключ/{id}"));
      writer.attribute("http.response.status_code", 503);
      writer.attribute("otel.metric.overflow", true);
      writer.exemplar(7, 0.25, -1, 2, 3);
      writer.exemplar(8, 4, 0, 5, -6);
      writer.endPoint();
    }
    writer.end();
  }

  private static Metric expected(String name, int points) {
    Histogram.Builder histogram =
        Histogram.newBuilder().setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    for (int i = 0; i < points; i++) {
      histogram.addDataPoints(
          HistogramDataPoint.newBuilder()
              .setStartTimeUnixNano(1)
              .setTimeUnixNano(1L << 62)
              .setCount(i + 2 + (1L << 40))
              .setSum(0.125 * i)
              .addAllBucketCounts(List.of((long) i, 2L, 0L, 1L << 40))
              .addAllExplicitBounds(BOUNDS)
              .addAttributes(Samples.text("http.route", "/ключ/{id}"))
              .addAttributes(Samples.integer("http.response.status_code", 503))
              .addAttributes(KeyValue.newBuilder().setKey("otel.metric.overflow").setValue(TRUE))
              .addExemplars(exemplar(7, 0.25, -1, 2, 3))
              .addExemplars(exemplar(8, 4, 0, 5, -6)));
    }
    return Metric.newBuilder().setName(name).setUnit("s").setHistogram(histogram).build();
  }

  private static Exemplar exemplar(long time, double value, long high, long low, long span) {
    return Exemplar.newBuilder()
        .setTimeUnixNano(time)
        .setAsDouble(value)
        .setTraceId(ByteString.copyFrom(ByteBuffer.allocate(16).putLong(high).putLong(low).flip()))
        .setSpanId(ByteString.copyFrom(ByteBuffer.allocate(8).putLong(span).flip()))
        .build();
  }

  @Test
  void writesWhatProtobufWould() throws Exception {
    metric("http.server.request.duration", 3);
    metric("db.client.operation.duration", 300);
    ByteBuffer target = ByteBuffer.allocate(writer.size());
    writer.writeTo(target);
    assertThat(target.hasRemaining()).isFalse();
    assertThat(Structure.check(Signal.METRICS, target.flip())).isEqualTo(303);
    ExportMetricsServiceRequest expected =
        ExportMetricsServiceRequest.newBuilder()
            .addResourceMetrics(
                ResourceMetrics.newBuilder()
                    .setResource(Resource.newBuilder().addAttributes(Samples.text("service.name", "shop")))
                    .addScopeMetrics(
                        ScopeMetrics.newBuilder()
                            .setScope(InstrumentationScope.newBuilder().setName("io.mop.capture").setVersion("0.1.0"))
                            .addMetrics(expected("http.server.request.duration", 3))
                            .addMetrics(expected("db.client.operation.duration", 300))))
            .build();
    assertThat(ExportMetricsServiceRequest.parseFrom(target.array())).isEqualTo(expected);
  }

  @Test
  void callsOutOfOrderAreRefused() {
    assertThatThrownBy(() -> writer.attribute("a", 1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(writer::end).isInstanceOf(IllegalStateException.class);
    writer.begin("a", "s");
    assertThatThrownBy(() -> writer.begin("b", "s")).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> writer.writeTo(ByteBuffer.allocate(1000))).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> writer.point(1, 2, 0, new long[3], BOUNDS)).isInstanceOf(IllegalArgumentException.class);
    writer.point(1, 2, 0, new long[4], BOUNDS);
    assertThatThrownBy(writer::end).isInstanceOf(IllegalStateException.class);
    writer.endPoint();
    writer.end();
    assertThatThrownBy(() -> writer.writeTo(ByteBuffer.allocate(10))).isInstanceOf(BufferOverflowException.class);
  }
}
