package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpanWriterTest {
  private static final Text NAME = Text.of("GET /ключ");

  private final SpanWriter writer =
      new SpanWriter(SpanWriter.resource(Map.of("service.name", "shop")), "io.mop.capture", "0.1.0");

  private void begin() {
    writer.begin(1, 2, 3, 0, 2, 5, 6);
  }

  private static byte[] finish(SpanWriter writer) throws Exception {
    ByteBuffer target = ByteBuffer.allocate(writer.size() + 8).position(4);
    writer.writeTo(target);
    assertThat(target.position()).isEqualTo(4 + writer.size());
    byte[] out = new byte[writer.size()];
    target.get(4, out);
    assertThat(Structure.check(Signal.TRACES, ByteBuffer.wrap(out))).isEqualTo(writer.spans());
    return out;
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void writesWhatProtobufWould(long seed) throws Exception {
    Random random = new Random(seed);
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("service.name", "магазин");
    attributes.put("long", "x".repeat(300));
    attributes.put("empty", "");
    attributes.put("process.pid", 4_194_304L);
    attributes.put("negative", -1L);
    SpanWriter w = new SpanWriter(SpanWriter.resource(attributes), "scope", seed == 1 ? "" : "1.0");
    Resource.Builder resource = Resource.newBuilder();
    attributes.forEach((k, v) ->
        resource.addAttributes(v instanceof Long n ? Samples.integer(k, n) : Samples.text(k, (String) v)));
    ScopeSpans.Builder scope = ScopeSpans.newBuilder()
        .setScope(InstrumentationScope.newBuilder().setName("scope").setVersion(seed == 1 ? "" : "1.0"));
    for (int i = 0; i < 200; i++) {
      ByteBuffer ids = ByteBuffer.allocate(32).putLong(random.nextLong()).putLong(random.nextLong())
          .putLong(random.nextLong()).putLong(random.nextInt(3) == 0 ? 0 : random.nextLong());
      Span.Builder span = Span.newBuilder().setTraceId(ByteString.copyFrom(ids.array(), 0, 16))
          .setSpanId(ByteString.copyFrom(ids.array(), 16, 8)).setKindValue(random.nextInt(6))
          .setStartTimeUnixNano(random.nextLong()).setEndTimeUnixNano(random.nextLong());
      if (ids.getLong(24) != 0) span.setParentSpanId(ByteString.copyFrom(ids.array(), 24, 8));
      w.begin(ids.getLong(0), ids.getLong(8), ids.getLong(16), ids.getLong(24), span.getKindValue(),
          span.getStartTimeUnixNano(), span.getEndTimeUnixNano());
      if (random.nextBoolean()) {
        span.setName("ы".repeat(1 + random.nextInt(100)));
        w.name(Text.of(span.getName()));
      }
      // spans of one, two and three bytes of length
      for (int n = random.nextInt(4); n > 0; n--) {
        String value = "v".repeat(random.nextInt(4) == 0 ? random.nextInt(40_000) : random.nextInt(300));
        long number = random.nextLong() >> random.nextInt(64);
        span.addAttributes(Samples.text("key." + n, value)).addAttributes(Samples.integer("number." + n, number));
        w.attribute("key." + n, Text.of(value));
        w.attribute("number." + n, number);
      }
      int status = random.nextInt(3);
      if (status != 0) span.getStatusBuilder().setCodeValue(status);
      w.status(status);
      w.end();
      scope.addSpans(span);
    }
    assertThat(w.spans()).isEqualTo(200);
    ExportTraceServiceRequest expected = ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(ResourceSpans.newBuilder().setResource(resource).addScopeSpans(scope)).build();
    byte[] out = finish(w);
    assertThat(ExportTraceServiceRequest.parseFrom(out)).isEqualTo(expected);
    assertThat(out).hasSameSizeAs(expected.toByteArray());
  }

  @Test
  void aShortestSpanHasALengthOfOneByte() throws Exception {
    begin();
    writer.end();
    byte[] out = finish(writer);
    assertThat(ExportTraceServiceRequest.parseFrom(out).toByteArray()).hasSameSizeAs(out);
  }

  @Test
  void nothingIsWrittenWithoutSpans() throws Exception {
    assertThat(writer.size()).isZero();
    assertThat(finish(writer)).isEmpty();
  }

  @Test
  void theNextRequestHasTheNextSpansOnly() throws Exception {
    begin();
    writer.name(NAME);
    writer.end();
    byte[] first = finish(writer);
    begin();
    writer.reset();
    assertThat(writer.spans()).isZero();
    begin();
    writer.name(NAME);
    writer.end();
    assertThat(finish(writer)).isEqualTo(first);
  }

  @Test
  void anOpenSpanCanBeTakenBack() throws Exception {
    begin();
    writer.end();
    byte[] one = finish(writer);
    begin();
    writer.name(NAME);
    assertThat(writer.size()).isEqualTo(one.length);
    writer.cancel();
    writer.cancel();
    assertThat(finish(writer)).isEqualTo(one);
  }

  @ParameterizedTest(name = "{0} bytes before")
  @ValueSource(ints = {0, 126, 127, 200})
  void whatIsNotUtf8IsReplaced(int before) throws Exception {
    byte[] text = new byte[before + 2];
    java.util.Arrays.fill(text, (byte) 'x');
    text[before] = (byte) 0xFF;
    text[before + 1] = (byte) 0xE2;
    begin();
    writer.name(Text.of(text));
    writer.attribute("k", Text.of(text));
    writer.attribute("after", 1);
    writer.end();
    Span span = ExportTraceServiceRequest.parseFrom(finish(writer)).getResourceSpans(0).getScopeSpans(0).getSpans(0);
    String expected = "x".repeat(before) + "\uFFFD\uFFFD";
    assertThat(span.getName()).isEqualTo(expected);
    assertThat(span.getAttributesList())
        .containsExactly(Samples.text("k", expected), Samples.integer("after", 1));
  }

  @Test
  void manyForeignKeysDoNotFillTheMemory() throws Exception {
    for (int i = 0; i < 10_000; i++) {
      begin();
      writer.attribute("key." + i, i);
      writer.end();
    }
    ExportTraceServiceRequest out = ExportTraceServiceRequest.parseFrom(finish(writer));
    assertThat(out.getResourceSpans(0).getScopeSpans(0).getSpansList())
        .extracting(s -> s.getAttributes(0).getKey()).contains("key.0", "key.9999").doesNotHaveDuplicates();
  }

  @Test
  void callsInAWrongOrderAreRefused() {
    assertThatThrownBy(writer::end).isInstanceOf(IllegalStateException.class)
        .hasMessage("no span is open; expected begin() before");
    assertThatThrownBy(() -> writer.name(NAME)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> writer.attribute("k", 1)).isInstanceOf(IllegalStateException.class);
    begin();
    assertThatThrownBy(this::begin).isInstanceOf(IllegalStateException.class)
        .hasMessage("begin of a span in a span; expected end() before");
    assertThatThrownBy(() -> writer.writeTo(ByteBuffer.allocate(100))).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> writer.status(3)).isInstanceOf(IllegalArgumentException.class)
        .hasMessage("status code 3: expected 0 to 2");
  }

  @Test
  void aTargetThatIsTooSmallStaysAsItIs() {
    begin();
    writer.end();
    ByteBuffer small = ByteBuffer.allocate(writer.size() - 1);
    assertThatThrownBy(() -> writer.writeTo(small)).isInstanceOf(BufferOverflowException.class);
    assertThat(small.position()).isZero();
  }
}
