package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Points.Type;
import io.mop.api.data.Reason;
import io.mop.api.data.Text;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Predicate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class PointCursorTest {
  private static final Reason NOISE = new Reason("noise");
  private static final byte[] ONE = point(1);
  private static final byte[] TWO = point(2);

  private final PointCursor cursor = new PointCursor();
  private final EditLog log = new EditLog();

  /** A point whose value is an integer. */
  private static byte[] point(int value) {
    return Hex.field(1, Hex.bytes("31 0" + value + " 00 00 00 00 00 00 00"));
  }

  private static byte[] metric(String name, byte[]... data) {
    return Hex.field(2, Hex.text(1, name), Hex.concat(data));
  }

  private static byte[] scope(byte[]... metrics) {
    return Hex.field(2, metrics);
  }

  private PointCursor reset(byte[] wire) {
    cursor.reset(Schema.EMPTY, ByteBuffer.wrap(wire));
    return cursor;
  }

  private ExportMetricsServiceRequest drop(byte[] wire, Predicate<PointCursor> which) throws Exception {
    log.begin(reset(wire));
    while (cursor.next()) if (which.test(cursor)) log.drop(NOISE);
    ByteBuffer target = ByteBuffer.allocate(Rewriter.bound(cursor, log));
    Rewriter.write(cursor, log, target);
    return ExportMetricsServiceRequest.parseFrom(target);
  }

  @Test
  void valuesAreNotCoerced() {
    byte[] real = Hex.field(1, Hex.bytes("21 00 00 00 00 00 00 F0 3F"));
    byte[] counted = Hex.field(1, Hex.bytes("21 05 00 00 00 00 00 00 00 29 00 00 00 00 00 00 00 40"));
    reset(Hex.field(1, scope(metric("g", Hex.field(5, ONE, real)), metric("h", Hex.field(9, counted)))));
    cursor.next();
    assertThat(cursor.integer()).isOne();
    assertThat(cursor.count()).isZero();
    assertThatThrownBy(cursor::real).isInstanceOf(IllegalStateException.class)
        .hasMessage("value is an integer; expected a real number");
    cursor.next();
    assertThat(cursor.real()).isOne();
    assertThatThrownBy(cursor::integer).isInstanceOf(IllegalStateException.class)
        .hasMessage("point has no integer value; expected isInteger()");
    cursor.next();
    assertThat(cursor.type()).isEqualTo(Type.HISTOGRAM);
    assertThat(cursor.count()).isEqualTo(5);
    assertThat(cursor.sum()).isEqualTo(2);
    assertThatThrownBy(cursor::real).isInstanceOf(IllegalStateException.class)
        .hasMessage("point of a HISTOGRAM has no single value; expected a GAUGE or SUM");
  }

  @Test
  void ofSeveralKindsOfDataTheLastCountsWithAllItsPieces() {
    reset(Hex.field(1, scope(metric("m", Hex.field(7, ONE), Hex.field(5, TWO), Hex.field(7, TWO)))));
    assertThat(cursor.items()).isEqualTo(2);
    cursor.next();
    assertThat(cursor.type()).isEqualTo(Type.SUM);
    assertThat(cursor.integer()).isOne();
    cursor.next();
    assertThat(cursor.integer()).isEqualTo(2);
  }

  @Test
  void everyUseAfterTheCallThrows() {
    reset(Hex.field(1, scope(metric("m", Hex.field(5, ONE)))));
    cursor.next();
    Text name = cursor.name();
    cursor.poison();
    List<ThrowingCallable> uses = List.of(cursor::next, cursor::name, cursor::unit, cursor::type, cursor::temporality,
        cursor::monotonic, cursor::start, cursor::time, cursor::isInteger, cursor::integer, cursor::real,
        cursor::count, cursor::sum, name::length);
    assertThat(uses).allSatisfy(use -> assertThatThrownBy(use).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("used after"));
  }

  @Test
  void aMetricVanishesWithItsLastPoint() throws Exception {
    byte[] wire = Hex.field(1, scope(metric("gone", Hex.field(5, ONE, ONE)), metric("half", Hex.field(5, ONE, TWO))));
    List<Metric> left = drop(wire, c -> c.integer() == 1).getResourceMetrics(0).getScopeMetrics(0).getMetricsList();
    assertThat(left).singleElement().satisfies(m -> assertThat(m.getGauge().getDataPointsList()).singleElement()
        .satisfies(p -> assertThat(p.getAsInt()).isEqualTo(2)));
    assertThat(left.get(0).getName()).isEqualTo("half");
    assertThat(drop(wire, c -> true)).isEqualTo(ExportMetricsServiceRequest.getDefaultInstance());
  }

  @Test
  void aMetricThatNeverHadPointsStaysAndWhatItIsIn() throws Exception {
    byte[] both = scope(metric("empty", Hex.field(5)), metric("gone", Hex.field(5, ONE)));
    ExportMetricsServiceRequest left = drop(Hex.field(1, scope(metric("gone", Hex.field(5, ONE))), both), c -> true);
    assertThat(left.getResourceMetrics(0).getScopeMetricsList()).singleElement()
        .satisfies(s -> assertThat(s.getMetricsList()).extracting(Metric::getName).containsExactly("empty"));
  }

  @Test
  void droppingThePointsOfALastPieceDoesNotMakeAnotherKindCount() throws Exception {
    byte[] wire = Hex.field(1, scope(metric("m", Hex.field(5, ONE), Hex.field(7, TWO), Hex.field(5, TWO))));
    Metric left = drop(wire, c -> c.integer() == 2).getResourceMetrics(0).getScopeMetrics(0).getMetrics(0);
    assertThat(left.getGauge().getDataPointsList()).singleElement()
        .satisfies(p -> assertThat(p.getAsInt()).isOne());
  }

  @Test
  void manyEmptyMetricsAreFollowedBySmallRequests() {
    byte[] empty = new byte[400_000];
    for (int i = 0; i < empty.length; i += 2) empty[i] = 0x12;
    assertThat(reset(Hex.field(1, Hex.field(2, empty))).items()).isZero();
    for (int i = 0; i < 3; i++) {
      reset(Hex.field(1, scope(metric("small", Hex.field(5, ONE)))));
      cursor.next();
      assertThat(cursor.name()).hasToString("small");
    }
  }
}
