package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.mop.api.data.Edits;
import io.mop.api.data.Reason;
import io.mop.api.data.Text;
import io.mop.otlp.AttributeField.Level;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RewriterTest {
  private static final Reason NOISE = new Reason("noise");

  private final FieldTable table = new FieldTable();
  private final AttributeField a = table.field(Level.ITEM, "a");
  private final AttributeField b = table.field(Level.ITEM, "b");
  private final AttributeField host = table.field(Level.RESOURCE, "host");
  private final AttributeField team = table.field(Level.RESOURCE, "team");
  private final AttributeField lang = table.field(Level.SCOPE, "lang");
  private final Schema schema = Schema.of(List.of(a, b, host, team, lang));
  private final SpanCursor cursor = new SpanCursor();
  private final EditLog log = new EditLog();

  static ExportTraceServiceRequest rewrite(SpanCursor cursor, EditLog log) {
    ByteBuffer target = ByteBuffer.allocate(Rewriter.bound(cursor, log));
    Rewriter.write(cursor, log, target);
    try {
      return ExportTraceServiceRequest.parseFrom(target);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** The request after the same edits on every span. */
  private ExportTraceServiceRequest edit(byte[] wire, BiConsumer<SpanCursor, Edits> each) {
    cursor.reset(schema, ByteBuffer.wrap(wire));
    log.begin(cursor);
    while (cursor.next()) each.accept(cursor, log);
    log.close();
    return rewrite(cursor, log);
  }

  private List<KeyValue> attributes(BiConsumer<SpanCursor, Edits> edits, KeyValue... attributes) {
    Span span = Span.newBuilder().addAllAttributes(List.of(attributes)).build();
    return edit(Hex.request(span.toByteArray()), edits).getResourceSpans(0).getScopeSpans(0).getSpans(0)
        .getAttributesList();
  }

  private static KeyValue kv(String key, String value) {
    return Samples.text(key, value);
  }

  @Test
  void aRenameKeepsPlaceAndValue() {
    assertThat(attributes((c, e) -> e.rename(a, Text.of("z")), kv("x", "0"), kv("a", "1"), kv("y", "2")))
        .containsExactly(kv("x", "0"), kv("z", "1"), kv("y", "2"));
  }

  @Test
  void aRenameReplacesTheAttributeThatHasTheKey() {
    assertThat(attributes((c, e) -> e.rename(a, Text.of("b")), kv("b", "0"), kv("a", "1"), kv("b", "2")))
        .containsExactly(kv("b", "1"));
  }

  @Test
  void aNewAttributeGoesLastAndAnOldOneKeepsItsPlace() {
    assertThat(attributes((c, e) -> {
      e.set(b, Text.of("new"));
      e.set(a, -7);
    }, kv("a", "1"), kv("x", "2"))).containsExactly(Samples.integer("a", -7), kv("x", "2"), kv("b", "new"));
  }

  @Test
  void editsApplyInOrder() {
    assertThat(attributes((c, e) -> {
      e.rename(a, Text.of("b"));
      e.set(a, 2);
      e.rename(b, Text.of("c"));
      e.remove(a);
      e.set(b, true);
      e.set(b, 0.5);
    }, kv("a", "1"))).containsExactly(kv("c", "1"), KeyValue.newBuilder().setKey("b")
        .setValue(AnyValue.newBuilder().setDoubleValue(0.5)).build());
  }

  @Test
  void aRemovedKeyIsGoneHoweverOftenItWasThere() {
    assertThat(attributes((c, e) -> e.remove(a), kv("a", "1"), kv("x", "2"), kv("a", "3")))
        .containsExactly(kv("x", "2"));
  }

  static Stream<Arguments> hashed() {
    return Stream.of(
        // printf %s TEXT | sha256sum
        Arguments.of("text", AnyValue.newBuilder().setStringValue("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Arguments.of("bytes", AnyValue.newBuilder().setBytesValue(ByteString.copyFromUtf8("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        Arguments.of("integer", AnyValue.newBuilder().setIntValue(Long.MIN_VALUE), null),
        Arguments.of("zero", AnyValue.newBuilder().setIntValue(0),
            "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"),
        Arguments.of("double", AnyValue.newBuilder().setDoubleValue(-1e-9), null),
        Arguments.of("true", AnyValue.newBuilder().setBoolValue(true),
            "b5bea41b6c623f7c09f1bf24dcae58ebab3c0cdd90ad966bc43a45b44867e12b"),
        Arguments.of("long text", AnyValue.newBuilder().setStringValue("ы".repeat(5000)), null),
        Arguments.of("array", AnyValue.newBuilder().setArrayValue(ArrayValue.newBuilder()
            .addValues(AnyValue.newBuilder().setIntValue(3))), null),
        Arguments.of("nothing", AnyValue.newBuilder(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hashed")
  void aHashIsThatOfWhatTheValueShows(String name, AnyValue.Builder value, String known) {
    KeyValue attribute = KeyValue.newBuilder().setKey("a").setValue(value).build();
    String expected = EditModel.sha256(attribute.getValue());
    if (known != null) assertThat(expected).isEqualTo(known);
    assertThat(attributes((c, e) -> e.hash(a), attribute)).containsExactly(kv("a", expected));
  }

  @Test
  void aHashCanBeHashedAgain() {
    String once = EditModel.sha256(AnyValue.newBuilder().setStringValue("v").build());
    String twice = EditModel.sha256(AnyValue.newBuilder().setStringValue(once).build());
    assertThat(attributes((c, e) -> {
      e.hash(a);
      e.hash(a);
      e.set(b, 5);
      e.hash(b);
    }, kv("a", "v"))).containsExactly(kv("a", twice),
        kv("b", EditModel.sha256(AnyValue.newBuilder().setIntValue(5).build())));
  }

  private static byte[] twoResources() {
    Span span = Span.newBuilder().setName("n").addAttributes(kv("a", "1")).build();
    ScopeSpans.Builder scope = ScopeSpans.newBuilder().addSpans(span).addSpans(span);
    scope.getScopeBuilder().setName("s").addAttributes(kv("lang", "java"));
    ResourceSpans.Builder first = ResourceSpans.newBuilder().addScopeSpans(scope).addScopeSpans(scope)
        .setResource(Resource.newBuilder().addAttributes(kv("host", "h1")).addAttributes(kv("team", "t")));
    ResourceSpans.Builder second = ResourceSpans.newBuilder().addScopeSpans(scope).setSchemaUrl("url");
    return ExportTraceServiceRequest.newBuilder().addResourceSpans(first).addResourceSpans(second).build()
        .toByteArray();
  }

  @Test
  void theSameResourceEditAtEverySpanCountsOnce() {
    String once = EditModel.sha256(AnyValue.newBuilder().setStringValue("h1").build());
    ExportTraceServiceRequest out = edit(twoResources(), (c, e) -> {
      e.hash(host);
      e.rename(host, Text.of("node"));
      e.set(host, Text.of("masked"));
    });
    assertThat(out.getResourceSpans(0).getResource().getAttributesList())
        .containsExactly(kv("node", once), kv("team", "t"), kv("host", "masked"));
    assertThat(out.getResourceSpans(1).getResource().getAttributesList()).containsExactly(kv("host", "masked"));
    assertThat(out.getResourceSpans(1).getSchemaUrl()).isEqualTo("url");
  }

  @Test
  void aScopeEditHoldsForItsSpansOnly() throws Exception {
    int[] n = {0};
    ExportTraceServiceRequest out = edit(twoResources(), (c, e) -> {
      if (n[0]++ == 2) e.set(lang, Text.of("kotlin"));
    });
    assertThat(out.getResourceSpansList()).flatExtracting(ResourceSpans::getScopeSpansList)
        .extracting(s -> s.getScope().getAttributes(0).getValue().getStringValue())
        .containsExactly("java", "kotlin", "java");
    assertThat(out.getResourceSpans(1))
        .isEqualTo(ExportTraceServiceRequest.parseFrom(twoResources()).getResourceSpans(1));
  }

  @Test
  void aResourceEditOfADroppedSpanHolds() {
    int[] n = {0};
    ExportTraceServiceRequest out = edit(twoResources(), (c, e) -> {
      if (n[0]++ > 0) return;
      e.drop(NOISE);
      e.set(team, 1);
    });
    assertThat(out.getResourceSpans(0).getResource().getAttributesList())
        .containsExactly(kv("host", "h1"), Samples.integer("team", 1));
    assertThat(out.getResourceSpans(0).getScopeSpans(0).getSpansCount()).isEqualTo(1);
  }

  @Test
  void emptiedScopesAndResourcesVanishAndEmptyOnesStay() {
    byte[] empty = Hex.field(1, Hex.field(1));
    byte[] emptyScope = Hex.field(1, Hex.field(2, Hex.text(3, "kept")), Hex.field(2, Hex.field(2)));
    int[] n = {0};
    ExportTraceServiceRequest out = edit(Hex.concat(empty, twoResources(), emptyScope), (c, e) -> {
      int i = n[0]++;
      if (i == 2 || i == 3 || i >= 4 && i <= 5) e.drop(NOISE);
    });
    assertThat(out.getResourceSpansList()).extracting(ResourceSpans::getScopeSpansCount).containsExactly(0, 1, 2);
    assertThat(out.getResourceSpans(2).getScopeSpans(0).getSchemaUrl()).isEqualTo("kept");
  }

  @Test
  void aRequestWithAllSpansDroppedIsEmpty() {
    cursor.reset(schema, ByteBuffer.wrap(twoResources()));
    log.begin(cursor);
    while (cursor.next()) log.drop(NOISE);
    ByteBuffer target = ByteBuffer.allocate(Rewriter.bound(cursor, log));
    assertThat(Rewriter.write(cursor, log, target)).isZero();
    assertThat(target.remaining()).isZero();
  }

  @Test
  void unknownFieldsOfAnEditedAttributeStay() {
    byte[] odd = Hex.field(9, Hex.bytes("9006 05"), Hex.text(1, "x"), Hex.text(1, "a"),
        Hex.field(2, Hex.text(1, "v"), Hex.bytes("9006 06")), Hex.bytes("9006 07"));
    Span renamed = edit(Hex.request(odd), (c, e) -> e.rename(a, Text.of("z"))).getResourceSpans(0).getScopeSpans(0)
        .getSpans(0);
    assertThat(renamed.getAttributes(0).getKey()).isEqualTo("z");
    assertThat(renamed.getAttributes(0).getUnknownFields().getField(98).getVarintList()).containsExactly(5L, 7L);
    assertThat(renamed.getAttributes(0).getValue().getUnknownFields().getField(98).getVarintList())
        .containsExactly(6L);
    Span set = edit(Hex.request(odd), (c, e) -> e.set(a, 9)).getResourceSpans(0).getScopeSpans(0).getSpans(0);
    assertThat(set.getAttributes(0).getValue()).isEqualTo(AnyValue.newBuilder().setIntValue(9).build());
    assertThat(set.getAttributes(0).getUnknownFields().getField(98).getVarintList()).containsExactly(5L, 7L);
  }

  @Test
  void anAttributeWithALongerLengthThanItNeedsIsReplacedWhole() {
    // KeyValue of 201 bytes, its length in three bytes
    byte[] attribute = Hex.keyValue(9, "a", "v".repeat(192));
    byte[] padded = Hex.concat(Hex.bytes("4a c98100"), java.util.Arrays.copyOfRange(attribute, 3, attribute.length));
    Span out = edit(Hex.request(Hex.keyValue(9, "x", "0"), padded, Hex.keyValue(9, "y", "2")),
        (c, e) -> e.set(a, 1)).getResourceSpans(0).getScopeSpans(0).getSpans(0);
    assertThat(out.getAttributesList()).containsExactly(kv("x", "0"), Samples.integer("a", 1), kv("y", "2"));
    assertThat(out.getUnknownFields().asMap()).isEmpty();
  }

  @Test
  void lengthsGrowOverTheirBytes() {
    String value = "v".repeat(20_000);
    ExportTraceServiceRequest out = edit(twoResources(), (c, e) -> {
      e.set(a, Text.of(value));
      e.set(team, Text.of(value));
      e.set(lang, Text.of(value));
    });
    assertThat(out.getResourceSpans(0).getScopeSpans(1).getSpans(1).getAttributes(0).getValue().getStringValue())
        .isEqualTo(value);
    assertThat(out.getResourceSpans(1).getResource().getAttributesList()).containsExactly(kv("team", value));
  }

  @Test
  void whatNoEditTouchesIsCopiedByteByByte() {
    byte[] wire = new RandomOtlp(5, 0.3).request(io.mop.api.data.Signal.TRACES, 4);
    byte[] edited = Hex.request(Hex.keyValue(9, "a", "1"));
    cursor.reset(schema, ByteBuffer.wrap(Hex.concat(wire, edited, wire)));
    log.begin(cursor);
    while (cursor.next()) {
      boolean ours = cursor.name().length() == 0 && cursor.get(a).present() && cursor.start() == 0;
      if (ours) log.set(a, Text.of("2"));
    }
    ByteBuffer target = ByteBuffer.allocate(Rewriter.bound(cursor, log));
    Rewriter.write(cursor, log, target);
    byte[] out = new byte[target.remaining()];
    target.get(out);
    assertThat(out).isEqualTo(Hex.concat(wire, Hex.request(Hex.keyValue(9, "a", "2")), wire));
  }

  @Test
  void saysWhenTheTargetIsTooSmallAndLeavesItsPosition() {
    cursor.reset(schema, ByteBuffer.wrap(twoResources()));
    log.begin(cursor);
    cursor.next();
    log.set(a, 1);
    int size = Rewriter.write(cursor, log, ByteBuffer.allocate(Rewriter.bound(cursor, log)));
    ByteBuffer small = ByteBuffer.allocate(size + 3).position(4);
    assertThatThrownBy(() -> Rewriter.write(cursor, log, small)).isInstanceOf(BufferOverflowException.class);
    assertThat(small.position()).isEqualTo(4);
    assertThat(Rewriter.write(cursor, log, ByteBuffer.allocate(size))).isEqualTo(size);
  }

  @Test
  void oneLogAndCursorServeManyBatches() {
    for (int i = 0; i < 3; i++) {
      ExportTraceServiceRequest out = edit(twoResources(), (c, e) -> e.remove(a));
      assertThat(out.getResourceSpans(0).getScopeSpans(0).getSpans(0).getAttributesList()).isEmpty();
      assertThat(attributes((c, e) -> e.set(b, 1), kv("a", "1"))).hasSize(2);
    }
  }
}
