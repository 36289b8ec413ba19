package io.mop.engine.tap;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.UnknownFieldSet;
import io.mop.api.data.Signal;
import io.mop.control.Tap;
import io.mop.otlp.Structure;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.common.v1.KeyValueList;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogram;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Gauge;
import io.opentelemetry.proto.metrics.v1.Histogram;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.Sum;
import io.opentelemetry.proto.metrics.v1.Summary;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Against requests that protobuf-java wrote. */
class ItemReaderTest {
  private static KeyValue text(String key, String value) {
    return KeyValue.newBuilder().setKey(key).setValue(AnyValue.newBuilder().setStringValue(value)).build();
  }

  private static final Resource RESOURCE = Resource.newBuilder().addAttributes(text("service.name", "cart")).build();
  private static final InstrumentationScope SCOPE =
      InstrumentationScope.newBuilder().setName("lib").setVersion("2").addAttributes(text("a", "b")).build();

  /** Reads all items one by one, which must be as many as the structure check counts. */
  private static List<RawItem> read(Signal signal, MessageLite request) throws Exception {
    return read(signal, request.toByteArray());
  }

  private static List<RawItem> read(Signal signal, byte[] wire) throws Exception {
    int items = Structure.check(signal, ByteBuffer.wrap(wire));
    List<Excerpt> all = Excerpt.of(signal, ByteBuffer.wrap(wire), 0, items + 1);
    assertThat(all).hasSize(items);
    List<RawItem> read = new ArrayList<>();
    for (int i = 0; i < items; i++) {
      List<Excerpt> one = Excerpt.of(signal, ByteBuffer.wrap(wire), i, 1);
      assertThat(one).singleElement().usingRecursiveComparison().isEqualTo(all.get(i));
      read.add(ItemReader.read(one.get(0)));
    }
    return read;
  }

  @Test
  void spans() throws Exception {
    Span span =
        Span.newBuilder()
            .setTraceId(ByteString.fromHex("0102030405060708090a0b0c0d0e0f10"))
            .setSpanId(ByteString.fromHex("0102030405060708"))
            .setParentSpanId(ByteString.fromHex("ff02030405060708"))
            .setName("GET /")
            .setKind(Span.SpanKind.SPAN_KIND_SERVER)
            .setStartTimeUnixNano(1_000)
            .setEndTimeUnixNano(3_500)
            .setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR).setMessage("no"))
            .setTraceState("a=b")
            .addEvents(Span.Event.newBuilder().setName("e"))
            .addLinks(Span.Link.newBuilder())
            .addAttributes(text("k", "v"))
            .addAttributes(text("k", "second"))
            .build();
    ExportTraceServiceRequest request =
        ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(
                ResourceSpans.newBuilder()
                    .addScopeSpans(ScopeSpans.newBuilder().setScope(SCOPE).addSpans(span).addSpans(Span.newBuilder()))
                    .setResource(RESOURCE))
            .addResourceSpans(ResourceSpans.newBuilder().addScopeSpans(ScopeSpans.newBuilder().addSpans(span)))
            .build();
    List<RawItem> items = read(Signal.TRACES, request);
    assertThat(items.get(0))
        .isEqualTo(
            new RawItem(
                Signal.TRACES, 1_000, "GET /",
                Map.ofEntries(
                    Map.entry("kind", "server"), Map.entry("status", "error"), Map.entry("status_message", "no"),
                    Map.entry("trace_id", "0102030405060708090a0b0c0d0e0f10"),
                    Map.entry("span_id", "0102030405060708"), Map.entry("parent_span_id", "ff02030405060708"),
                    Map.entry("duration_nanos", 2_500L), Map.entry("trace_state", "a=b"), Map.entry("events", 1),
                    Map.entry("links", 1)),
                Map.of("k", "v"), Map.of("otel.scope.name", "lib", "otel.scope.version", "2", "a", "b"),
                Map.of("service.name", "cart")));
    assertThat(items.get(1).fields()).isEqualTo(Map.of("kind", "unspecified", "status", "unset"));
    assertThat(items.get(1).resource()).isEqualTo(Map.of("service.name", "cart"));
    assertThat(items.get(2).resource()).isEmpty();
    assertThat(items.get(2).scope()).isEmpty();
    Tap.Item shown = items.get(0).masked();
    assertThat(shown.service()).isEqualTo("cart");
    assertThat(shown.fields()).isEqualTo(items.get(0).fields());
  }

  @Test
  void valuesOfEveryType() throws Exception {
    AnyValue map =
        AnyValue.newBuilder()
            .setKvlistValue(KeyValueList.newBuilder().addValues(text("password", "x")).addValues(text("a", "b")))
            .build();
    AnyValue deep = AnyValue.newBuilder().setIntValue(1).build();
    for (int i = 0; i < 20; i++) {
      deep = AnyValue.newBuilder().setArrayValue(ArrayValue.newBuilder().addValues(deep)).build();
    }
    LogRecord log =
        LogRecord.newBuilder()
            .setObservedTimeUnixNano(5)
            .setSeverityNumber(SeverityNumber.SEVERITY_NUMBER_WARN)
            .setSeverityText("WARN")
            .setEventName("boot")
            .setBody(map)
            .addAttributes(KeyValue.newBuilder().setKey("int").setValue(AnyValue.newBuilder().setIntValue(-1)))
            .addAttributes(KeyValue.newBuilder().setKey("double").setValue(AnyValue.newBuilder().setDoubleValue(0.5)))
            .addAttributes(KeyValue.newBuilder().setKey("bool").setValue(AnyValue.newBuilder().setBoolValue(true)))
            .addAttributes(KeyValue.newBuilder().setKey("empty").setValue(AnyValue.newBuilder()))
            .addAttributes(KeyValue.newBuilder().setKey("none"))
            .addAttributes(KeyValue.newBuilder().setKey("deep").setValue(deep))
            .addAttributes(
                KeyValue.newBuilder().setKey("bytes")
                    .setValue(AnyValue.newBuilder().setBytesValue(ByteString.copyFromUtf8("abc"))))
            .build();
    ExportLogsServiceRequest request =
        ExportLogsServiceRequest.newBuilder()
            .addResourceLogs(
                ResourceLogs.newBuilder().setResource(RESOURCE)
                    .addScopeLogs(
                        ScopeLogs.newBuilder().addLogRecords(log)
                            .addLogRecords(log.toBuilder().setTimeUnixNano(4))))
            .build();
    List<RawItem> items = read(Signal.LOGS, request);
    assertThat(items.get(0).time()).isEqualTo(5);
    assertThat(items.get(1).time()).isEqualTo(4);
    assertThat(items.get(0).name()).isEqualTo("boot");
    assertThat(items.get(0).attributes())
        .containsEntry("int", -1L).containsEntry("double", 0.5).containsEntry("bool", true)
        .containsEntry("empty", null).containsEntry("none", null).containsEntry("bytes", "(3 bytes)")
        .containsEntry("deep", List.of(List.of(List.of(List.of(List.of(List.of(List.of(List.of("…")))))))));
    assertThat(items.get(0).masked().fields())
        .containsEntry("severity", "WARN").containsEntry("severity_number", 13L)
        .containsEntry("body", Map.of("password", "****", "a", "b"));
  }

  @Test
  void pointsOfEveryKind() throws Exception {
    ScopeMetrics metrics =
        ScopeMetrics.newBuilder()
            .addMetrics(
                Metric.newBuilder().setName("g").setUnit("By")
                    .setGauge(
                        Gauge.newBuilder()
                            .addDataPoints(
                                NumberDataPoint.newBuilder()
                                    .setTimeUnixNano(1).setAsInt(-7).addAttributes(text("k", "1")))
                            .addDataPoints(NumberDataPoint.newBuilder().setTimeUnixNano(2).setAsDouble(1.5))))
            .addMetrics(Metric.newBuilder().setName("nothing"))
            .addMetrics(
                Metric.newBuilder().setName("s")
                    .setSum(
                        Sum.newBuilder().setIsMonotonic(true)
                            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE)
                            .addDataPoints(NumberDataPoint.newBuilder().setAsInt(9))))
            .addMetrics(
                Metric.newBuilder().setName("h")
                    .setHistogram(
                        Histogram.newBuilder()
                            .setAggregationTemporality(AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA)
                            .addDataPoints(
                                HistogramDataPoint.newBuilder().setCount(3).setSum(6).setMin(1).setMax(3)
                                    .addAttributes(text("k", "2")))))
            .addMetrics(
                Metric.newBuilder().setName("e")
                    .setExponentialHistogram(
                        ExponentialHistogram.newBuilder()
                            .addDataPoints(
                                ExponentialHistogramDataPoint.newBuilder().setCount(4).setSum(8).setScale(2)
                                    .addAttributes(text("k", "3")))))
            .addMetrics(
                Metric.newBuilder().setName("y")
                    .setSummary(
                        Summary.newBuilder()
                            .addDataPoints(
                                SummaryDataPoint.newBuilder()
                                    .setCount(5).setSum(10).addAttributes(text("k", "4")))))
            .build();
    List<RawItem> items =
        read(
            Signal.METRICS,
            ExportMetricsServiceRequest.newBuilder()
                .addResourceMetrics(ResourceMetrics.newBuilder().setResource(RESOURCE).addScopeMetrics(metrics))
                .build());
    assertThat(items).extracting(RawItem::name).containsExactly("g", "g", "s", "h", "e", "y");
    assertThat(items).extracting(RawItem::fields)
        .containsExactly(
            Map.of("unit", "By", "type", "gauge", "value", -7L),
            Map.of("unit", "By", "type", "gauge", "value", 1.5),
            Map.of("type", "sum", "temporality", "cumulative", "monotonic", true, "value", 9L),
            Map.of("type", "histogram", "temporality", "delta", "count", 3L, "sum", 6.0, "min", 1.0, "max", 3.0),
            Map.of("type", "exponential_histogram", "count", 4L, "sum", 8.0),
            Map.of("type", "summary", "count", 5L, "sum", 10.0));
    assertThat(items).extracting(i -> i.attributes().get("k")).containsExactly("1", null, null, "2", "3", "4");
  }

  /** As the structure check and cursors do: the last kind of data counts, pieces of a message are one. */
  @Test
  void messagesInPiecesAndUnknownFields() throws Exception {
    Metric gauge =
        Metric.newBuilder()
            .setGauge(Gauge.newBuilder().addDataPoints(NumberDataPoint.newBuilder().setAsInt(1)))
            .build();
    Metric sum =
        Metric.newBuilder()
            .setName("m")
            .setSum(Sum.newBuilder().addDataPoints(NumberDataPoint.newBuilder().setAsInt(2)))
            .build();
    ByteArrayOutputStream metric = new ByteArrayOutputStream();
    gauge.writeTo(metric);
    sum.writeTo(metric);
    sum.writeTo(metric);
    byte[] scope = field(2, metric.toByteArray());
    ByteArrayOutputStream resource = new ByteArrayOutputStream();
    resource.writeBytes(field(1, Resource.newBuilder().addAttributes(text("service.name", "a")).build().toByteArray()));
    resource.writeBytes(field(2, scope));
    resource.writeBytes(field(1, Resource.newBuilder().addAttributes(text("x", "b")).build().toByteArray()));
    UnknownFieldSet.Field group =
        UnknownFieldSet.Field.newBuilder()
            .addGroup(
                UnknownFieldSet.newBuilder()
                    .addField(1, UnknownFieldSet.Field.newBuilder().addVarint(1).addFixed32(2).build()).build())
            .build();
    resource.writeBytes(UnknownFieldSet.newBuilder().addField(99, group).build().toByteArray());
    List<RawItem> items = read(Signal.METRICS, field(1, resource.toByteArray()));
    assertThat(items).extracting(i -> i.fields().get("value")).containsExactly(2L, 2L);
    assertThat(items.get(0).resource()).isEqualTo(Map.of("service.name", "a", "x", "b"));
    assertThat(items.get(0).name()).isEqualTo("m");
  }

  private static byte[] field(int number, byte[] body) {
    return UnknownFieldSet.newBuilder()
        .addField(number, UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.copyFrom(body)).build())
        .build().toByteArray();
  }
}
