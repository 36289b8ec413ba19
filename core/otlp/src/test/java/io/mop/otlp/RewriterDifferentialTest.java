package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Malformed;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class RewriterDifferentialTest {
  private static final SpanCursor CURSOR = new SpanCursor();
  private static final EditLog LOG = new EditLog();

  @Property(tries = 3000)
  void writesWhatTheSameEditsOnProtobufGive(@ForAll long seed, @ForAll @IntRange(max = 4) int size) throws Exception {
    rewrite(new RandomOtlp(seed, 0.1).request(Signal.TRACES, size), new Random(seed));
  }

  @Property(tries = 1500)
  void alsoForRequestsWithoutOddities(@ForAll long seed, @ForAll @IntRange(max = 5) int size) throws Exception {
    rewrite(new RandomOtlp(seed, 0).request(Signal.TRACES, size), new Random(seed));
  }

  @Property(tries = 4000)
  void alsoForDamagedRequestsThatPass(@ForAll long seed, @ForAll @IntRange(max = 3) int size) throws Exception {
    Random random = new Random(seed);
    byte[] wire = Mutation.of(new RandomOtlp(seed, 0.1).request(Signal.TRACES, size), random);
    try {
      Structure.check(Signal.TRACES, ByteBuffer.wrap(wire));
    } catch (Malformed e) {
      return;
    }
    rewrite(wire, random);
  }

  private static void rewrite(byte[] wire, Random random) throws Exception {
    ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(wire);
    Fixture fixture = new Fixture(random);
    CURSOR.reset(fixture.schema, Placed.between(wire, random));
    List<List<EditModel.Edit>> edits = EditModel.random(random, fixture.fields, CURSOR.items());
    Set<String> composite = compositeKeys(request);
    edits.replaceAll(own -> own.stream()
        // the encoded form of an array is not the same once protobuf wrote it anew
        .filter(e -> e.kind() != EditModel.Kind.HASH || !composite.contains(e.field().key())).toList());
    LOG.begin(CURSOR);
    for (List<EditModel.Edit> own : edits) {
      assertThat(CURSOR.next()).isTrue();
      own.forEach(e -> e.record(LOG));
    }
    LOG.close();
    CURSOR.poison();

    ExportTraceServiceRequest expected = EditModel.apply(request, edits);
    int dropped = CURSOR.items() - StructureDifferentialTest.items(expected);
    assertThat(LOG.dropped()).isEqualTo(dropped);
    int[] counted = {0};
    LOG.drops((reason, n) -> counted[0] += n);
    assertThat(counted[0]).isEqualTo(dropped);

    int before = random.nextInt(20);
    int after = random.nextInt(20);
    byte[] canary = new byte[before + Rewriter.bound(CURSOR, LOG) + after];
    random.nextBytes(canary);
    ByteBuffer target = random.nextBoolean() ? ByteBuffer.allocate(canary.length)
        : ByteBuffer.allocateDirect(canary.length);
    target.put(0, canary).position(before).limit(canary.length - after);
    int length = Rewriter.write(CURSOR, LOG, target);
    assertThat(target.remaining()).isEqualTo(length);
    assertThat(target.limit()).isEqualTo(canary.length - after);
    byte[] written = new byte[length];
    target.get(target.position(), written);
    target.clear();
    for (int i = 0; i < canary.length; i++) {
      if (i == before) i = canary.length - after;
      if (i < canary.length) assertThat(target.get(i)).isEqualTo(canary[i]);
    }

    assertThat(ExportTraceServiceRequest.parseFrom(written)).isEqualTo(expected);
    assertThat(Structure.check(Signal.TRACES, ByteBuffer.wrap(written))).isEqualTo(CURSOR.items() - dropped);
    if (LOG.isEmpty()) assertThat(written).isEqualTo(wire);
  }

  private static Set<String> compositeKeys(ExportTraceServiceRequest request) {
    List<KeyValue> all = new ArrayList<>();
    for (ResourceSpans r : request.getResourceSpansList()) {
      all.addAll(r.getResource().getAttributesList());
      for (ScopeSpans s : r.getScopeSpansList()) {
        all.addAll(s.getScope().getAttributesList());
        for (Span span : s.getSpansList()) all.addAll(span.getAttributesList());
      }
    }
    boolean any = all.stream().map(KeyValue::getValue).anyMatch(RewriterDifferentialTest::composite);
    // an edit may move an array to any key
    return any ? Set.copyOf(RandomOtlp.KEYS) : new HashSet<>();
  }

  private static boolean composite(AnyValue v) {
    return v.hasArrayValue() || v.hasKvlistValue();
  }
}
