package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Malformed;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class SpanCursorDifferentialTest {
  /** One for all, as a lane has: what a batch leaves must not show in the next. */
  private static final SpanCursor CURSOR = new SpanCursor();

  @Property(tries = 1500)
  void showsWhatProtobufShows(@ForAll long seed, @ForAll @IntRange(max = 4) int size) throws Exception {
    Random random = new Random(seed);
    compare(new RandomOtlp(seed, 0.1).request(Signal.TRACES, size), random);
  }

  @Property(tries = 4000)
  void showsWhatProtobufShowsOfDamagedRequestsThatPass(@ForAll long seed, @ForAll @IntRange(max = 3) int size)
      throws Exception {
    Random random = new Random(seed);
    byte[] wire = Mutation.of(new RandomOtlp(seed, 0.1).request(Signal.TRACES, size), random);
    try {
      Structure.check(Signal.TRACES, ByteBuffer.wrap(wire));
    } catch (Malformed e) {
      return;
    }
    compare(wire, random);
  }

  private static void compare(byte[] wire, Random random) throws Exception {
    ExportTraceServiceRequest expected = ExportTraceServiceRequest.parseFrom(wire);
    Fixture fixture = new Fixture(random);
    CURSOR.reset(fixture.schema, Placed.between(wire, random));
    assertThat(CURSOR.items()).isEqualTo(StructureDifferentialTest.items(expected));
    for (int pass = 0; pass < 2; pass++) {
      for (ResourceSpans resource : expected.getResourceSpansList()) {
        for (ScopeSpans scope : resource.getScopeSpansList()) {
          for (Span span : scope.getSpansList()) {
            assertThat(CURSOR.next()).isTrue();
            compare(span);
            for (AttributeField f : fixture.fields) {
              Fixture.assertSame(CURSOR.get(f), Fixture.first(switch (f.level()) {
                case ITEM -> span.getAttributesList();
                case SCOPE -> scope.getScope().getAttributesList();
                case RESOURCE -> resource.getResource().getAttributesList();
              }, f));
            }
          }
        }
      }
      assertThat(CURSOR.next()).isFalse();
      CURSOR.rewind();
    }
  }

  private static void compare(Span span) {
    assertThat(CURSOR.traceIdHigh()).isEqualTo(id(span.getTraceId(), 16, 0));
    assertThat(CURSOR.traceIdLow()).isEqualTo(id(span.getTraceId(), 16, 8));
    assertThat(CURSOR.spanId()).isEqualTo(id(span.getSpanId(), 8, 0));
    assertThat(CURSOR.parentId()).isEqualTo(id(span.getParentSpanId(), 8, 0));
    assertThat(CURSOR.start()).isEqualTo(span.getStartTimeUnixNano());
    assertThat(CURSOR.end()).isEqualTo(span.getEndTimeUnixNano());
    assertThat(CURSOR.kind()).isEqualTo(span.getKindValue());
    assertThat(CURSOR.status()).isEqualTo(span.getStatus().getCodeValue());
    assertThat(CURSOR.name()).hasToString(span.getName());
  }

  private static long id(ByteString id, int length, int at) {
    return id.size() == length ? id.asReadOnlyByteBuffer().getLong(at) : 0;
  }
}
