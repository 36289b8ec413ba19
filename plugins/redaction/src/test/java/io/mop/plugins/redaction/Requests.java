package io.mop.plugins.redaction;

import io.mop.api.data.Signal;
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
import io.opentelemetry.proto.metrics.v1.Exemplar;
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
import java.util.List;

/** A request of each signal that has the same attributes in every place there is, built by protobuf. */
final class Requests {
  private Requests() {}

  static AnyValue text(String s) {
    return AnyValue.newBuilder().setStringValue(s).build();
  }

  static KeyValue pair(String key, AnyValue value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  static AnyValue array(AnyValue... values) {
    return AnyValue.newBuilder().setArrayValue(ArrayValue.newBuilder().addAllValues(List.of(values))).build();
  }

  static AnyValue map(KeyValue... entries) {
    return AnyValue.newBuilder().setKvlistValue(KeyValueList.newBuilder().addAllValues(List.of(entries))).build();
  }

  static byte[] of(Signal signal, List<KeyValue> all, AnyValue body) {
    Resource resource = Resource.newBuilder().addAllAttributes(all).build();
    InstrumentationScope scope = InstrumentationScope.newBuilder().setName("s").addAllAttributes(all).build();
    return switch (signal) {
      case TRACES -> {
        Span span = Span.newBuilder().setName("GET /").setKindValue(2).addAllAttributes(all)
            .addEvents(Span.Event.newBuilder().setName("e").addAllAttributes(all))
            .addLinks(Span.Link.newBuilder().addAllAttributes(all)).build();
        // the second resource has no items, and leaves as well
        yield ExportTraceServiceRequest.newBuilder()
            .addResourceSpans(ResourceSpans.newBuilder().setResource(resource)
                .addScopeSpans(ScopeSpans.newBuilder().setScope(scope).addSpans(span).addSpans(span)))
            .addResourceSpans(ResourceSpans.newBuilder().setResource(resource)).build().toByteArray();
      }
      case LOGS -> {
        LogRecord record = LogRecord.newBuilder().setBody(body).addAllAttributes(all).setSeverityText("INFO").build();
        yield ExportLogsServiceRequest.newBuilder()
            .addResourceLogs(ResourceLogs.newBuilder().setResource(resource)
                .addScopeLogs(ScopeLogs.newBuilder().setScope(scope).addLogRecords(record))).build().toByteArray();
      }
      case METRICS -> {
        Exemplar exemplar = Exemplar.newBuilder().setAsInt(1).addAllFilteredAttributes(all).build();
        NumberDataPoint number =
            NumberDataPoint.newBuilder().setAsInt(1).addAllAttributes(all).addExemplars(exemplar).build();
        ScopeMetrics.Builder metrics = ScopeMetrics.newBuilder().setScope(scope)
            .addMetrics(Metric.newBuilder().setName("g").addAllMetadata(all)
                .setGauge(Gauge.newBuilder().addDataPoints(number)))
            .addMetrics(Metric.newBuilder().setName("s").setSum(Sum.newBuilder().addDataPoints(number)))
            .addMetrics(Metric.newBuilder().setName("h").setHistogram(Histogram.newBuilder().addDataPoints(
                HistogramDataPoint.newBuilder().addBucketCounts(3).addAllAttributes(all).addExemplars(exemplar))))
            .addMetrics(Metric.newBuilder().setName("e").setExponentialHistogram(
                ExponentialHistogram.newBuilder().addDataPoints(ExponentialHistogramDataPoint.newBuilder()
                    .addAllAttributes(all).addExemplars(exemplar))))
            .addMetrics(Metric.newBuilder().setName("y").setSummary(
                Summary.newBuilder().addDataPoints(SummaryDataPoint.newBuilder().addAllAttributes(all))));
        yield ExportMetricsServiceRequest.newBuilder()
            .addResourceMetrics(ResourceMetrics.newBuilder().setResource(resource).addScopeMetrics(metrics)).build()
            .toByteArray();
      }
    };
  }

  /** In how many places the attributes of {@link #of} are. */
  static int places(Signal signal) {
    return switch (signal) {
      case TRACES -> 2 + 1 + 2 * 3;
      case LOGS -> 2 + 1;
      case METRICS -> 2 + 1 + 5 + 4;
    };
  }
}
