package io.mop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Against protobuf-java. */
class TestSpanTest {
  private static final TestSpan ALL =
      TestSpan.of("GET /ü").ids(-1, 2, 3, 4).kind(3).status(2).times(5, Long.MAX_VALUE)
          .attribute("text", "x").attribute("int", -7L).attribute("double", 0.5).attribute("bool", true)
          .attribute("bytes", ByteBuffer.wrap(new byte[] {1, 2})).attribute("none", Optional.empty())
          .attribute("list", List.of("a", 1L, List.of())).attribute("map", Map.of("k", Map.of("l", false)))
          .scope("s", "1").resource("service.name", "shop");

  @Test
  void aRequestIsWhatProtobufReads() throws Exception {
    List<TestSpan> spans =
        List.of(ALL, ALL.ids(9, 9, 9, 0), ALL.scope("s", "2"), TestSpan.of("other"), ALL);
    byte[] bytes = TestSpan.request(spans);
    ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(bytes);
    assertThat(request.getResourceSpansList()).extracting(r -> r.getScopeSpansCount()).containsExactly(2, 1, 1);
    assertThat(request.getResourceSpans(0).getScopeSpans(0).getSpansCount()).isEqualTo(2);
    Span span = request.getResourceSpans(0).getScopeSpans(0).getSpans(0);
    assertThat(span.getName()).isEqualTo("GET /ü");
    assertThat(span.getTraceId().asReadOnlyByteBuffer().getLong()).isEqualTo(-1);
    assertThat(span.getParentSpanId().asReadOnlyByteBuffer().getLong()).isEqualTo(4);
    assertThat(span.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_CLIENT);
    assertThat(span.getStatus().getCodeValue()).isEqualTo(2);
    assertThat(span.getEndTimeUnixNano()).isEqualTo(Long.MAX_VALUE);
    assertThat(span.getAttributesList()).extracting(KeyValue::getKey).containsExactlyElementsOf(
        ALL.attributes().keySet());
    assertThat(span.getAttributesList()).extracting(a -> a.getValue().getValueCase()).containsExactly(
        AnyValue.ValueCase.STRING_VALUE, AnyValue.ValueCase.INT_VALUE, AnyValue.ValueCase.DOUBLE_VALUE,
        AnyValue.ValueCase.BOOL_VALUE, AnyValue.ValueCase.BYTES_VALUE, AnyValue.ValueCase.VALUE_NOT_SET,
        AnyValue.ValueCase.ARRAY_VALUE, AnyValue.ValueCase.KVLIST_VALUE);
    assertThat(TestSpan.spans(bytes)).isEqualTo(spans);
    assertThat(TestSpan.spans(request.toByteArray())).isEqualTo(spans);
  }

  @Test
  void whatASpanCannotSayIsLeftOut() {
    var request = ExportTraceServiceRequest.newBuilder();
    var scope = request.addResourceSpansBuilder().setSchemaUrl("u").addScopeSpansBuilder();
    scope.getScopeBuilder().setName("lib").setVersion("1");
    scope.addSpansBuilder().setName("x").setTraceState("a=b").addEventsBuilder().setName("e");
    assertThat(TestSpan.spans(request.build().toByteArray()))
        .containsExactly(TestSpan.of("x").ids(0, 0, 0, 0).kind(0).times(0, 0));
  }

  @Test
  void aKeyThatIsThereTwiceIsAnError() {
    var request = ExportTraceServiceRequest.newBuilder();
    var span = request.addResourceSpansBuilder().addScopeSpansBuilder().addSpansBuilder();
    span.addAttributesBuilder().setKey("k");
    span.addAttributesBuilder().setKey("k");
    assertThatThrownBy(() -> TestSpan.spans(request.build().toByteArray()))
        .isInstanceOf(IllegalArgumentException.class).hasMessage("attribute 'k' is there twice");
  }

  @Test
  void bytesThatEndTooEarlyAreAnError() {
    byte[] bytes = TestSpan.request(List.of(ALL));
    for (int n = 1; n < bytes.length; n++) {
      byte[] cut = java.util.Arrays.copyOf(bytes, n);
      assertThatThrownBy(() -> TestSpan.spans(cut)).as("%d bytes", n).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
