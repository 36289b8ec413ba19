package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.mop.api.data.Value;
import io.mop.otlp.AttributeField.Level;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SpanCursorTest {
  private final FieldTable table = new FieldTable();
  private final AttributeField route = table.field(Level.ITEM, "http.route");
  private final AttributeField service = table.field(Level.RESOURCE, "service.name");
  private final Schema schema = Schema.of(List.of(route, service));
  private final SpanCursor cursor = new SpanCursor();

  private void reset(byte[]... span) {
    cursor.reset(schema, ByteBuffer.wrap(Hex.request(span)));
  }

  @Test
  void readsSpansOfAllResourcesInOrder() {
    cursor.reset(schema, Samples.direct(Samples.traces(20, 3).toByteArray()));
    assertThat(cursor.signal()).isEqualTo(Signal.TRACES);
    assertThat(cursor.items()).isEqualTo(20);
    int n = 0;
    List<Span> spans = Samples.traces(20, 3).getResourceSpansList().stream()
        .flatMap(r -> r.getScopeSpansList().stream()).flatMap(s -> s.getSpansList().stream()).toList();
    while (cursor.next()) {
      assertThat(cursor.spanId()).isEqualTo(spans.get(n).getSpanId().asReadOnlyByteBuffer().getLong());
      assertThat(cursor.get(service).text().toString()).startsWith("service-");
      n++;
    }
    assertThat(n).isEqualTo(20);
  }

  @Test
  void theFirstOfEqualKeysIsShownAndTheLastOfRepeatedFields() {
    reset(Hex.keyValue(9, "http.route", "one"), Hex.keyValue(9, "http.route", "two"), Hex.text(5, "old"),
        Hex.text(5, "new"), Hex.bytes("3001 3003"));
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.get(route).text()).hasToString("one");
    assertThat(cursor.name()).hasToString("new");
    assertThat(cursor.kind()).isEqualTo(3);
  }

  @Test
  void idsOfAWrongLengthReadAsZero() {
    reset(Hex.field(1, new byte[15]), Hex.bytes("1208 0000000000000007"), Hex.field(2, Hex.bytes("01")));
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.traceIdHigh()).isZero();
    assertThat(cursor.spanId()).isZero();
    assertThat(cursor.parentId()).isZero();
  }

  @Test
  void aResourceMayComeAfterItsSpansAndInPieces() {
    byte[] spans = Hex.field(2, Hex.field(2), Hex.field(2));
    byte[] wire = Hex.field(1, Hex.field(1, Hex.keyValue(1, "x", "y")), spans,
        Hex.field(1, Hex.keyValue(1, "service.name", "late")));
    cursor.reset(schema, ByteBuffer.wrap(wire));
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.get(service).text()).hasToString("late");
    assertThat(cursor.next()).isFalse();
  }

  @Test
  void twoValuesCanBeHeldAtOnce() {
    cursor.reset(schema, ByteBuffer.wrap(Hex.field(1, Hex.field(1, Hex.keyValue(1, "service.name", "s")),
        Hex.field(2, Hex.field(2, Hex.keyValue(9, "http.route", "r"))))));
    cursor.next();
    Text r = cursor.get(route).text();
    Text s = cursor.get(service).text();
    assertThat(r).hasToString("r");
    assertThat(s).hasToString("s");
  }

  @Test
  void textIsReadInPlaceAndCopiedInBulk() {
    reset(Hex.text(5, "GET /ключ"));
    cursor.next();
    Text name = cursor.name();
    byte[] copy = new byte[20];
    name.copy(4, name.length(), copy, 1);
    assertThat(new String(copy, 1, name.length() - 4, StandardCharsets.UTF_8)).isEqualTo("/ключ");
    assertThat(name.at(0)).isEqualTo((byte) 'G');
    assertThat(name.is(Text.of("GET /ключ"))).isTrue();
    assertThatThrownBy(() -> name.at(name.length())).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> name.copy(0, name.length() + 1, copy, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> name.copy(0, 5, copy, 16)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aValueIsNotCoerced() {
    reset(Hex.keyValue(9, "http.route", "7"));
    cursor.next();
    assertThatThrownBy(() -> cursor.get(route).integer()).isInstanceOf(IllegalStateException.class)
        .hasMessage("value is TEXT; expected INT");
    assertThatThrownBy(() -> cursor.get(service).text()).isInstanceOf(IllegalStateException.class)
        .hasMessage("value is ABSENT; expected TEXT");
  }

  @Test
  void anUndeclaredFieldIsRefused() {
    reset();
    cursor.next();
    AttributeField undeclared = table.field(Level.SCOPE, "http.route");
    assertThatThrownBy(() -> cursor.get(undeclared)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("attribute 'http.route' was not declared");
  }

  static Stream<Named<Consumer<SpanCursor>>> moves() {
    return Stream.of(Named.of("next", SpanCursor::next), Named.of("rewind and next", c -> {
      c.rewind();
      c.next();
    }), Named.of("poison", SpanCursor::poison), Named.of("reset and next", c -> {
      c.reset(Schema.EMPTY, ByteBuffer.wrap(Hex.request(Hex.text(5, "other"))));
      c.next();
    }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("moves")
  void valuesAreDeadOnceTheCursorMoved(Consumer<SpanCursor> move) {
    byte[] span = Hex.field(2, Hex.keyValue(9, "http.route", "r"), Hex.text(5, "name"));
    cursor.reset(schema, ByteBuffer.wrap(Hex.field(1, Hex.field(2, span, span))));
    cursor.next();
    Value value = cursor.get(route);
    Text text = value.text();
    Text name = cursor.name();
    move.accept(cursor);
    List<ThrowingCallable> uses = List.of(value::type, value::present, value::text, text::length, () -> text.at(0),
        text::toString, () -> name.copy(0, 1, new byte[1], 0), name::length);
    assertThat(uses).allSatisfy(use -> assertThatThrownBy(use).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("used after"));
  }

  @Test
  void everyUseAfterTheCallThrows() {
    reset(Hex.text(5, "name"));
    cursor.next();
    cursor.poison();
    List<ThrowingCallable> uses = List.of(cursor::next, cursor::traceIdHigh, cursor::traceIdLow, cursor::spanId,
        cursor::parentId, cursor::start, cursor::end, cursor::kind, cursor::status, cursor::name,
        () -> cursor.get(route));
    assertThat(uses).allSatisfy(use -> assertThatThrownBy(use).isInstanceOf(IllegalStateException.class)
        .hasMessage("cursor used after its call ended"));
    assertThat(cursor.items()).isOne();
    cursor.rewind();
    assertThat(cursor.next()).isTrue();
  }

  @Test
  void thereIsNoSpanBeforeTheFirstAndAfterTheLast() {
    reset();
    assertThatThrownBy(cursor::spanId).isInstanceOf(IllegalStateException.class).hasMessageContaining("next()");
    assertThat(cursor.next()).isTrue();
    assertThat(cursor.next()).isFalse();
    assertThat(cursor.next()).isFalse();
    assertThatThrownBy(cursor::spanId).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theBatchMayBeOverwrittenAfterTheScan() {
    byte[] wire = Hex.request(Hex.text(5, "kept"));
    cursor.reset(schema, ByteBuffer.wrap(wire));
    java.util.Arrays.fill(wire, (byte) 0);
    cursor.next();
    assertThat(cursor.name()).hasToString("kept");
  }

  @Test
  void largeBatchesAndManyTinySpansAreFollowedBySmallOnes() {
    cursor.reset(schema, Samples.direct(Samples.traces(10_000, 20).toByteArray()));
    assertThat(cursor.items()).isEqualTo(10_000);
    byte[] empty = new byte[400_000];
    for (int i = 0; i < empty.length; i += 2) empty[i] = 0x12;
    cursor.reset(schema, ByteBuffer.wrap(Hex.field(1, Hex.field(2, empty))));
    assertThat(cursor.items()).isEqualTo(200_000);
    for (int i = 0; i < 3; i++) {
      reset(Hex.keyValue(9, "http.route", "small"));
      cursor.next();
      assertThat(cursor.get(route).text()).hasToString("small");
    }
  }
}
