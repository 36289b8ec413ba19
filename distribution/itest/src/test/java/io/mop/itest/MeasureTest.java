package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.InvalidProtocolBufferException;
import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestSpan;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Histograms of an unchanged nginx: of as many requests as its client made, also where their spans are dropped. */
@NeedsBpf
@Timeout(300)
class MeasureTest {
  private static final int REQUESTS = 2000;
  private static final String SERVER = "http.server.request.duration";

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private Nginx nginx;

  @BeforeEach
  void start() {
    nginx = Nginx.start(directory.resolve("nginx"));
  }

  @AfterEach
  void stop() {
    nginx.close();
    sink.close();
  }

  private String config(String spans) {
    return """
        receivers:
          ebpf: { select: [ { pid: %d } ], ring: 64MiB, metrics_interval: 500ms }
        processors:
          filter: { traces: { span: [ '%s' ] } }
        exporters:
          otlp:
            endpoint: %s
            retry_on_failure: { initial_interval: 50ms, max_interval: 500ms }
        service:
          pipelines:
            traces: { receivers: [ebpf], processors: [filter], exporters: [otlp] }
            metrics: { receivers: [ebpf], exporters: [otlp] }
        """
        .formatted(nginx.pid(), spans, sink.url());
  }

  private List<String> run(String dropped) throws Exception {
    try (Traffic traffic = new Traffic(nginx.port(), "m", 8);
        MopProcess mop = MopProcess.start(directory, config(dropped))) {
      traffic.run(REQUESTS);
      mop.await("all is seen", s -> s.traces("processors.filter", "in") >= REQUESTS);
      assertThat(mop.stop()).as("exit code").isZero();
      assertThat(traffic.answered()).hasSize(REQUESTS);
      return traffic.answered();
    }
  }

  @Test
  void histogramsSayWhatTheSpansSay() throws Exception {
    List<String> answered = run("name == \"none\"");
    List<TestSpan> spans = sink.taken();
    assertThat(spans).hasSize(REQUESTS);
    assertThat(spans).allSatisfy(s -> assertThat(s.attributes()).containsEntry("span.metrics.skip", true));
    assertCounted(answered);
    Collection<HistogramDataPoint> last = last().values();
    double seconds = spans.stream().mapToDouble(MeasureTest::seconds).sum();
    assertThat(last.stream().mapToDouble(HistogramDataPoint::getSum).sum()).isCloseTo(seconds, within(1e-6));
    assertThat(buckets(last)).isEqualTo(buckets(spans, last.iterator().next().getExplicitBoundsList()));
    assertExemplars(spans);
  }

  @Test
  void theyNeedNoTracesPipeline() throws Exception {
    String config = config("name == \"none\"").replaceAll("(?m)^ +traces: .*\\n", "");
    try (Traffic traffic = new Traffic(nginx.port(), "m", 8);
        MopProcess mop = MopProcess.start(directory, config)) {
      traffic.run(REQUESTS);
      mop.await("all is seen", s -> s.counter("receivers.ebpf capture_exchanges_completed") >= REQUESTS);
      assertThat(mop.statusByCommand().counter("receivers.ebpf batches_again")).isZero();
      assertThat(mop.stop()).as("exit code").isZero();
      assertCounted(traffic.answered());
      assertThat(points()).allSatisfy(p -> assertThat(p.getExemplarsList()).isEmpty());
    }
  }

  @Test
  void theyCountAlsoWhatHasNoSpan() throws Exception {
    List<String> answered = run("kind == SPAN_KIND_SERVER");
    assertThat(sink.spans()).isZero();
    assertCounted(answered);
  }

  /** By method and status, as the client saw them. */
  private void assertCounted(List<String> answered) throws Exception {
    Map<String, Long> counts = new HashMap<>();
    for (HistogramDataPoint p : last().values()) {
      String kind = value(p, "http.request.method") + " " + value(p, "http.response.status_code");
      counts.merge(kind, p.getCount(), Long::sum);
    }
    assertThat(counts)
        .isEqualTo(
            answered.stream()
                .map(a -> a.split(" "))
                .collect(Collectors.groupingBy(a -> a[0] + " " + a[2], Collectors.counting())));
  }

  private void assertExemplars(List<TestSpan> spans) throws Exception {
    Map<Long, TestSpan> byId = spans.stream().collect(Collectors.toMap(TestSpan::spanId, s -> s));
    List<HistogramDataPoint> withSpan = points().stream().filter(p -> p.getExemplarsCount() > 0).toList();
    assertThat(withSpan).isNotEmpty();
    for (HistogramDataPoint point : withSpan) {
      point.getExemplarsList().forEach(e -> {
        TestSpan span = byId.get(e.getSpanId().asReadOnlyByteBuffer().getLong());
        assertThat(span).isNotNull();
        assertThat(e.getTraceId().asReadOnlyByteBuffer().getLong()).isEqualTo(span.traceHigh());
        assertThat(e.getTraceId().asReadOnlyByteBuffer().getLong(8)).isEqualTo(span.traceLow());
        assertThat(e.getAsDouble()).isEqualTo(seconds(span));
        assertThat(value(point, "http.request.method")).isEqualTo(span.attributes().get("http.request.method"));
      });
    }
  }

  private static double seconds(TestSpan span) {
    return (span.end() - span.start()) / 1e9;
  }

  private static List<Long> buckets(Collection<HistogramDataPoint> points) {
    List<Long> sums = new ArrayList<>(points.iterator().next().getBucketCountsList());
    sums.replaceAll(n -> 0L);
    for (HistogramDataPoint p : points) {
      for (int i = 0; i < sums.size(); i++) sums.set(i, sums.get(i) + p.getBucketCounts(i));
    }
    return sums;
  }

  private static List<Long> buckets(List<TestSpan> spans, List<Double> bounds) {
    List<Long> sums = new ArrayList<>();
    for (int i = 0; i <= bounds.size(); i++) {
      double above = i == 0 ? -1 : bounds.get(i - 1);
      double upTo = i == bounds.size() ? Double.MAX_VALUE : bounds.get(i);
      sums.add(spans.stream().mapToDouble(MeasureTest::seconds).filter(s -> s > above && s <= upTo).count());
    }
    return sums;
  }

  private static Object value(HistogramDataPoint point, String key) {
    for (KeyValue a : point.getAttributesList()) {
      if (!a.getKey().equals(key)) continue;
      return a.getValue().hasIntValue() ? a.getValue().getIntValue() : a.getValue().getStringValue();
    }
    return "";
  }

  /** The last point of each series: of a process, as nginx has two workers, and its attributes. */
  private Map<Object, HistogramDataPoint> last() throws InvalidProtocolBufferException {
    Map<Object, HistogramDataPoint> last = new HashMap<>();
    for (ExportMetricsServiceRequest request : requests()) {
      request.getResourceMetricsList().forEach(r -> r.getScopeMetrics(0).getMetricsList().forEach(m -> {
        assertThat(m.getName()).isEqualTo(SERVER);
        m.getHistogram().getDataPointsList().forEach(p -> last.merge(
            List.of(r.getResource(), p.getAttributesList()), p, (a, b) -> b.getCount() >= a.getCount() ? b : a));
      }));
    }
    return last;
  }

  private List<HistogramDataPoint> points() throws InvalidProtocolBufferException {
    List<HistogramDataPoint> points = new ArrayList<>();
    for (ExportMetricsServiceRequest request : requests()) {
      request.getResourceMetricsList().forEach(r -> r.getScopeMetrics(0).getMetricsList()
          .forEach(m -> points.addAll(m.getHistogram().getDataPointsList())));
    }
    return points;
  }

  private List<ExportMetricsServiceRequest> requests() throws InvalidProtocolBufferException {
    List<ExportMetricsServiceRequest> requests = new ArrayList<>();
    for (OtlpSink.Request r : sink.kept()) {
      if (r.path().equals("/v1/metrics")) requests.add(ExportMetricsServiceRequest.parseFrom(r.body()));
    }
    return requests;
  }
}
