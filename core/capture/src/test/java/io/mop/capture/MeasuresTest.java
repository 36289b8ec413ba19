package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.mop.api.data.Text;
import io.mop.api.plugin.Context;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.Exemplar;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Histograms of what a capture saw. */
class MeasuresTest {
  private static final long SECOND = 1_000_000_000;
  private static final String SERVER = "server.duration";

  private final Collected sink = new Collected();
  private final Readings readings = new Readings();
  private final Capture capture = capture(sink);
  private Wire server = server(capture);

  private Capture capture(SpanSink to) {
    Capture c = LinksTest.capture(to);
    c.measure(new MetricBatches(readings, "1", context()), Duration.ofSeconds(10));
    c.drained(0);
    return c;
  }

  private static Wire server(Capture capture) {
    return new Wire(1, capture).open(2, Wire.SERVER_PORT, 1, 40_000);
  }

  /** Its counters count nothing. */
  private static Context context() {
    Context.Counter none = (Context.Counter) proxy(Context.Counter.class, null);
    return (Context) proxy(Context.class, none);
  }

  private static Object proxy(Class<?> type, Object answer) {
    return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> answer);
  }

  /** One that takes so many nanoseconds. */
  private void exchange(String path, long nanos) {
    server.recv(Both.message(path)).later(nanos - 1000).send("R\n");
  }

  private List<HistogramDataPoint> read(long seconds) {
    capture.drained(server.now + seconds * SECOND);
    return readings.points(SERVER);
  }

  private static HistogramDataPoint of(List<HistogramDataPoint> points, String path) {
    return points.stream().filter(p -> path.equals(Readings.attributes(p).get("url.path"))).findFirst().orElseThrow();
  }

  private static long sum(List<HistogramDataPoint> points) {
    return points.stream().mapToLong(HistogramDataPoint::getCount).sum();
  }

  @Test
  void eachExchangeIsInItsBucket() {
    exchange("/a", 1_000_000);
    exchange("/a", 1_000_001);
    exchange("/a", 3 * SECOND);
    exchange("/b", 5_000_000);
    capture.drained(server.now + 20 * SECOND);
    assertThat(readings.taken).hasSize(1);
    assertThat(readings.taken.get(0).getScopeMetrics(0).getScope().getName()).isEqualTo("io.mop.capture");
    assertThat(readings.taken.get(0).getScopeMetrics(0).getMetrics(0).getUnit()).isEqualTo("s");
    assertThat(readings.taken.get(0).getScopeMetrics(0).getMetrics(0).getHistogram().getAggregationTemporality())
        .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    List<HistogramDataPoint> points = readings.points(SERVER);
    assertThat(points).hasSize(2);
    HistogramDataPoint a = of(points, "/a");
    assertThat(a.getBucketCountsList()).containsExactly(1L, 1L, 0L, 1L);
    assertThat(a.getExplicitBoundsList()).containsExactly(0.001, 0.01, 1.0);
    assertThat(a.getCount()).isEqualTo(3);
    assertThat(a.getSum()).isCloseTo(3.002000001, within(1e-12));
    assertThat(a.getStartTimeUnixNano()).isEqualTo(sink.spans.get(0).start());
    assertThat(a.getTimeUnixNano()).isEqualTo(server.now + 20 * SECOND);
    assertThat(Readings.attributes(a))
        .isEqualTo(
            Map.of("http.request.method", "GET", "url.path", "/a", "server.address", "10.0.0.2", "server.port", 8080L));
    assertThat(sink.spans).allSatisfy(s -> assertThat(s.get("span.metrics.skip")).isEqualTo(true));
  }

  @Test
  void readingsAddUpAndComeOnceAnInterval() {
    exchange("/a", 5000);
    assertThat(read(20)).hasSize(1);
    assertThat(read(21)).isEmpty();
    exchange("/a", 5000);
    exchange("/a", 5000);
    List<HistogramDataPoint> second = read(31);
    assertThat(sum(second)).isEqualTo(3);
    assertThat(second.get(0).getStartTimeUnixNano()).isEqualTo(sink.spans.get(0).start());
  }

  @Test
  void exemplarsAreTheLastSpansOfTheirBuckets() {
    exchange("/a", 5000);
    exchange("/a", 6000);
    exchange("/a", 2 * SECOND);
    List<Exemplar> exemplars = read(20).get(0).getExemplarsList();
    assertThat(exemplars).hasSize(2);
    for (int i = 0; i < 2; i++) {
      Collected.Span span = sink.spans.get(i + 1);
      Exemplar e = exemplars.get(i);
      assertThat(e.getSpanId().asReadOnlyByteBuffer().getLong()).isEqualTo(span.id());
      assertThat(e.getTraceId().asReadOnlyByteBuffer().getLong()).isEqualTo(span.traceHigh());
      assertThat(e.getTraceId().asReadOnlyByteBuffer().getLong(8)).isEqualTo(span.traceLow());
      assertThat(e.getTimeUnixNano()).isEqualTo(span.end());
      assertThat(e.getAsDouble()).isEqualTo((span.end() - span.start()) / 1e9);
    }
    assertThat(read(31).get(0).getExemplarsList()).as("they were told").isEmpty();
  }

  @Test
  void whatIsSuppressedIsCountedToo() {
    capture.suppressOwnSdk();
    Wire client = new Wire(2, capture);
    client.tgid = 5;
    client.open(1, 50_000, 2, 9000).send("QPOST /v1/traces 0 0\n").recv("R\n").send(Both.message("/x")).recv("R\n");
    assertThat(sink.spans).isEmpty();
    capture.drained(client.now + 20 * SECOND);
    List<HistogramDataPoint> points = readings.points("client.duration");
    assertThat(sum(points)).isEqualTo(2);
    assertThat(points).allSatisfy(p -> assertThat(p.getExemplarsList()).isEmpty());
  }

  @Test
  void aSpanThatWaitsIsCountedOnce() {
    Both both = new Both(capture, 40_001).exchange("/w");
    both.server.recv(Both.message("/w")).send("R\n");
    capture.drained(both.server.now);
    capture.drained(both.server.now + 20 * SECOND);
    List<HistogramDataPoint> points = readings.points(SERVER);
    assertThat(sum(points)).isEqualTo(2);
    Exemplar e = points.get(0).getExemplars(0);
    assertThat(e.getSpanId().asReadOnlyByteBuffer().getLong()).isEqualTo(sink.spans.get(2).id());
  }

  @Test
  void moreThanTheMostSeriesAreOne() {
    for (int i = 0; i < Measures.SERIES + 50; i++) exchange("/" + i, 5000);
    exchange("/0", 5000);
    List<HistogramDataPoint> points = read(20);
    assertThat(points).hasSize(Measures.SERIES + 1);
    assertThat(sum(points)).isEqualTo(Measures.SERIES + 51);
    assertThat(of(points, "/0").getCount()).isEqualTo(2);
    List<HistogramDataPoint> folded = points.stream().filter(p -> p.getAttributesCount() == 1).toList();
    assertThat(folded).hasSize(1);
    assertThat(Readings.attributes(folded.get(0))).isEqualTo(Map.of("otel.metric.overflow", true));
    assertThat(folded.get(0).getCount()).isEqualTo(50);
    assertThat(capture.counters().get(Counters.EXCHANGES_FOLDED)).isEqualTo(50);
  }

  @Test
  void whatIsIdleIsDroppedAndBeginsAnew() {
    exchange("/a", 5000);
    assertThat(read(20)).hasSize(1);
    assertThat(read(299)).hasSize(1);
    assertThat(read(310)).as("the last time").hasSize(1);
    assertThat(read(330)).isEmpty();
    server.later(400 * SECOND);
    exchange("/a", 5000);
    HistogramDataPoint again = read(20).get(0);
    assertThat(again.getCount()).isEqualTo(1);
    assertThat(again.getStartTimeUnixNano()).isEqualTo(sink.spans.get(1).start());
  }

  @Test
  void aRefusedReadingIsInTheNext() {
    exchange("/a", 5000);
    readings.refuses = true;
    assertThat(read(400)).isEmpty();
    readings.refuses = false;
    List<HistogramDataPoint> points = read(420);
    assertThat(sum(points)).isEqualTo(1);
    assertThat(points.get(0).getExemplarsList()).hasSize(1);
  }

  @Test
  void withoutSpansThereAreNoExemplars() {
    Collected unwanted = new Collected();
    unwanted.wanted = false;
    Capture other = capture(unwanted);
    server = server(other);
    exchange("/a", 5000);
    other.close();
    assertThat(unwanted.spans).isEmpty();
    List<HistogramDataPoint> points = readings.points(SERVER);
    assertThat(sum(points)).isEqualTo(1);
    assertThat(points.get(0).getExemplarsList()).isEmpty();
  }

  @Test
  void withoutAPipelineNothingIsMeasured() {
    readings.carries = false;
    Capture other = capture(sink);
    server = server(other);
    exchange("/a", 5000);
    other.drained(server.now + 20 * SECOND);
    other.close();
    assertThat(readings.taken).isEmpty();
    assertThat(sink.spans.get(0).attributes()).doesNotContainKey("span.metrics.skip");
  }

  @Test
  void aPipelineMayComeAndGo() {
    exchange("/a", 5000);
    readings.carries = false;
    assertThat(read(20)).isEmpty();
    exchange("/b", 5000);
    readings.carries = true;
    assertThat(read(40)).isEmpty();
    exchange("/c", 5000);
    assertThat(Readings.attributes(read(60).get(0))).containsEntry("url.path", "/c");
    assertThat(sink.spans.get(1).attributes()).doesNotContainKey("span.metrics.skip");
  }

  @Test
  void theEndIsReadToo() {
    exchange("/a", 5000);
    capture.close();
    assertThat(sum(readings.points(SERVER))).isEqualTo(1);
  }

  @Test
  void measuringAllocatesNothing() {
    Capture off = LinksTest.capture(new Nowhere());
    Capture on = capture(new Nowhere());
    Wire without = server(off);
    Wire with = server(on);
    run(without);
    run(with);
    long plain = run(without);
    assertThat(run(with) - plain).as("bytes of 5,000 exchanges").isLessThan(5_000);
  }

  private static long run(Wire wire) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 5_000; i++) wire.recv("QGET /a 0 0\n").send("R\n");
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  private static final class Nowhere implements SpanSink {
    @Override
    public void begin(Resource p, long high, long low, long id, long parent, int kind, long start, long end) {}

    @Override
    public void name(Text name) {}

    @Override
    public void attribute(String name, Text value) {}

    @Override
    public void attribute(String name, long value) {}

    @Override
    public void attribute(String name, boolean value) {}

    @Override
    public void status(int code) {}

    @Override
    public void end() {}

    @Override
    public void flush() {}
  }
}
