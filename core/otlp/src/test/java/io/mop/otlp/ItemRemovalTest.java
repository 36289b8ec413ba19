package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.mop.api.data.Signal;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ItemRemovalTest {
  @Property(tries = 1500)
  void keepsEverythingButSpansWithoutValidIds(
      @ForAll long seed, @ForAll @IntRange(max = 5) int size, @ForAll boolean canonical) throws Exception {
    Random random = new Random(seed);
    byte[] wire = new RandomOtlp(seed, 0.1).request(Signal.TRACES, size);
    if (canonical) wire = withIds(ExportTraceServiceRequest.parseFrom(wire), random).toByteArray();
    ExportTraceServiceRequest before = ExportTraceServiceRequest.parseFrom(wire);
    ExportTraceServiceRequest expected = filtered(before);

    ByteBuffer placed = ByteBuffer.allocate(wire.length + 9).put(3, wire).slice(1, wire.length + 7)
        .position(2).limit(wire.length + 2);
    int position = placed.position();
    Structure.Content content = Structure.inspect(Signal.TRACES, placed);
    assertThat(content.items()).isEqualTo(StructureDifferentialTest.items(before));
    assertThat(content.invalid()).isEqualTo(content.items() - StructureDifferentialTest.items(expected));

    int length = Structure.removeInvalid(Signal.TRACES, placed);
    assertThat(placed.position()).isEqualTo(position);
    ByteBuffer left = placed.duplicate().limit(position + length);
    assertThat(ExportTraceServiceRequest.parseFrom(left.duplicate())).isEqualTo(expected);
    assertThat(Structure.inspect(Signal.TRACES, left))
        .isEqualTo(new Structure.Content(StructureDifferentialTest.items(expected), 0));
  }

  @Test
  void nothingIsMovedWhereNothingIsInvalid() throws Exception {
    byte[] wire = Samples.traces(50, 4).toByteArray();
    ByteBuffer buffer = ByteBuffer.wrap(wire.clone());
    assertThat(Structure.inspect(Signal.TRACES, buffer)).isEqualTo(new Structure.Content(50, 0));
    assertThat(Structure.removeInvalid(Signal.TRACES, buffer)).isEqualTo(wire.length);
    assertThat(buffer.array()).isEqualTo(wire);
  }

  @Test
  void logsNeedNoIds() throws Exception {
    ByteBuffer logs = ByteBuffer.wrap(Samples.request(Signal.LOGS, 20).toByteArray());
    assertThat(Structure.inspect(Signal.LOGS, logs)).isEqualTo(new Structure.Content(20, 0));
  }

  private static boolean valid(Span span) {
    return valid(span.getTraceId(), 16) && valid(span.getSpanId(), 8);
  }

  private static boolean valid(ByteString id, int length) {
    return id.size() == length && !id.equals(ByteString.copyFrom(new byte[length]));
  }

  private static ExportTraceServiceRequest filtered(ExportTraceServiceRequest request) {
    var all = request.toBuilder();
    for (ResourceSpans.Builder resource : all.getResourceSpansBuilderList()) {
      for (ScopeSpans.Builder scope : resource.getScopeSpansBuilderList()) {
        var spans = scope.getSpansList();
        scope.clearSpans();
        spans.stream().filter(ItemRemovalTest::valid).forEach(scope::addSpans);
      }
    }
    return all.build();
  }

  /** Most spans with valid ids, the others with every kind of wrong one. */
  private static ExportTraceServiceRequest withIds(ExportTraceServiceRequest request, Random random) {
    var all = request.toBuilder();
    for (ResourceSpans.Builder resource : all.getResourceSpansBuilderList()) {
      for (ScopeSpans.Builder scope : resource.getScopeSpansBuilderList()) {
        for (Span.Builder span : scope.getSpansBuilderList()) {
          span.setTraceId(Samples.bytes(random, random.nextInt(6) == 0 ? random.nextInt(20) : 16));
          span.setSpanId(Samples.bytes(random, random.nextInt(6) == 0 ? random.nextInt(12) : 8));
          if (random.nextInt(8) == 0) span.setTraceId(ByteString.copyFrom(new byte[16]));
          if (random.nextInt(8) == 0) span.setSpanId(ByteString.copyFrom(new byte[8]));
        }
      }
    }
    return all.build();
  }
}
