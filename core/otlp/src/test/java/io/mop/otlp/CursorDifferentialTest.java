package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.mop.api.data.Points.Type;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Malformed;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class CursorDifferentialTest {
  /** One for all, as a lane has: what a batch leaves must not show in the next. */
  private static final SpanCursor SPANS = new SpanCursor();
  private static final PointCursor POINTS = new PointCursor();
  private static final LogCursor LOGS = new LogCursor();

  @Property(tries = 2000)
  void showsWhatProtobufShows(@ForAll Signal signal, @ForAll long seed, @ForAll @IntRange(max = 4) int size)
      throws Exception {
    compare(signal, new RandomOtlp(seed, 0.1).request(signal, size), new Random(seed));
  }

  @Property(tries = 6000)
  void showsWhatProtobufShowsOfDamagedRequestsThatPass(
      @ForAll Signal signal, @ForAll long seed, @ForAll @IntRange(max = 3) int size) throws Exception {
    Random random = new Random(seed);
    byte[] wire = Mutation.of(new RandomOtlp(seed, 0.1).request(signal, size), random);
    try {
      Structure.check(signal, ByteBuffer.wrap(wire));
    } catch (Malformed e) {
      return;
    }
    compare(signal, wire, random);
  }

  private static void compare(Signal signal, byte[] wire, Random random) throws Exception {
    Message expected = StructureDifferentialTest.protobuf(signal, wire);
    Fixture fixture = new Fixture(random);
    ItemCursor cursor = switch (signal) {
      case TRACES -> SPANS;
      case METRICS -> POINTS;
      case LOGS -> LOGS;
    };
    cursor.reset(fixture.schema, Placed.between(wire, random));
    assertThat(cursor.signal()).isEqualTo(signal);
    assertThat(cursor.items()).isEqualTo(StructureDifferentialTest.items(expected));
    for (int pass = 0; pass < 2; pass++) {
      for (Otlp.Item item : Otlp.items(expected)) {
        assertThat(cursor.next()).isTrue();
        if (item.item() instanceof Span span) compare(span);
        else if (item.item() instanceof LogRecord log) compare(log);
        else compare(item.metric(), item.item());
        for (AttributeField f : fixture.fields) {
          Fixture.assertSame(cursor.get(f), Fixture.first(item.attributes(f.level()), f));
        }
      }
      assertThat(cursor.next()).isFalse();
      cursor.rewind();
    }
  }

  private static void compare(Span span) {
    assertThat(SPANS.traceIdHigh()).isEqualTo(id(span.getTraceId(), 16, 0));
    assertThat(SPANS.traceIdLow()).isEqualTo(id(span.getTraceId(), 16, 8));
    assertThat(SPANS.spanId()).isEqualTo(id(span.getSpanId(), 8, 0));
    assertThat(SPANS.parentId()).isEqualTo(id(span.getParentSpanId(), 8, 0));
    assertThat(SPANS.start()).isEqualTo(span.getStartTimeUnixNano());
    assertThat(SPANS.end()).isEqualTo(span.getEndTimeUnixNano());
    assertThat(SPANS.kind()).isEqualTo(span.getKindValue());
    assertThat(SPANS.status()).isEqualTo(span.getStatus().getCodeValue());
    assertThat(SPANS.name()).hasToString(span.getName());
  }

  private static void compare(LogRecord log) {
    assertThat(LOGS.time()).isEqualTo(log.getTimeUnixNano());
    assertThat(LOGS.observedTime()).isEqualTo(log.getObservedTimeUnixNano());
    assertThat(LOGS.severity()).isEqualTo(log.getSeverityNumberValue());
    assertThat(LOGS.severityText()).hasToString(log.getSeverityText());
    Fixture.assertSame(LOGS.body(), log.getBody());
    assertThat(LOGS.traceIdHigh()).isEqualTo(id(log.getTraceId(), 16, 0));
    assertThat(LOGS.traceIdLow()).isEqualTo(id(log.getTraceId(), 16, 8));
    assertThat(LOGS.spanId()).isEqualTo(id(log.getSpanId(), 8, 0));
  }

  private static void compare(Metric metric, Message point) {
    assertThat(POINTS.name()).hasToString(metric.getName());
    assertThat(POINTS.unit()).hasToString(metric.getUnit());
    assertThat(POINTS.monotonic()).isEqualTo(metric.getSum().getIsMonotonic());
    assertThat(POINTS.start()).isEqualTo(point.getField(Otlp.field(point, 2)));
    assertThat(POINTS.time()).isEqualTo(point.getField(Otlp.field(point, 3)));
    int temporality = metric.getSum().getAggregationTemporalityValue()
        + metric.getHistogram().getAggregationTemporalityValue()
        + metric.getExponentialHistogram().getAggregationTemporalityValue();
    assertThat(POINTS.temporality()).isEqualTo(temporality);
    assertThat(POINTS.type()).isEqualTo(switch (metric.getDataCase()) {
      case GAUGE -> Type.GAUGE;
      case SUM -> Type.SUM;
      case HISTOGRAM -> Type.HISTOGRAM;
      case EXPONENTIAL_HISTOGRAM -> Type.EXPONENTIAL_HISTOGRAM;
      case SUMMARY -> Type.SUMMARY;
      case DATA_NOT_SET -> throw new AssertionError("a point without a kind");
    });
    long count = 0;
    double sum = 0;
    if (point instanceof NumberDataPoint p) {
      assertThat(POINTS.isInteger()).isEqualTo(p.hasAsInt());
      if (p.hasAsInt()) assertThat(POINTS.integer()).isEqualTo(p.getAsInt());
      else assertThat(bits(POINTS.real())).isEqualTo(bits(p.getAsDouble()));
    } else if (point instanceof HistogramDataPoint p) {
      count = p.getCount();
      sum = p.getSum();
    } else if (point instanceof ExponentialHistogramDataPoint p) {
      count = p.getCount();
      sum = p.getSum();
    } else if (point instanceof SummaryDataPoint p) {
      count = p.getCount();
      sum = p.getSum();
    }
    assertThat(POINTS.count()).isEqualTo(count);
    assertThat(bits(POINTS.sum())).isEqualTo(bits(sum));
  }

  private static long bits(double d) {
    return Double.doubleToRawLongBits(d);
  }

  private static long id(ByteString id, int length, int at) {
    return id.size() == length ? id.asReadOnlyByteBuffer().getLong(at) : 0;
  }
}
