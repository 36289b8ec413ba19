package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Malformed;
import io.mop.otlp.AttributeField.Level;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class RewriterDifferentialTest {
  private static final Map<Signal, ItemCursor> CURSORS = new EnumMap<>(Signal.class);
  private static final EditLog LOG = new EditLog();

  static {
    for (Signal signal : Signal.values()) CURSORS.put(signal, ItemCursor.of(signal));
  }

  @Property(tries = 3000)
  void writesWhatTheSameEditsOnProtobufGive(
      @ForAll Signal signal, @ForAll long seed, @ForAll @IntRange(max = 4) int size) throws Exception {
    rewrite(signal, new RandomOtlp(seed, 0.1).request(signal, size), new Random(seed));
  }

  @Property(tries = 1500)
  void alsoForRequestsWithoutOddities(@ForAll Signal signal, @ForAll long seed, @ForAll @IntRange(max = 5) int size)
      throws Exception {
    rewrite(signal, new RandomOtlp(seed, 0).request(signal, size), new Random(seed));
  }

  @Property(tries = 5000)
  void alsoForDamagedRequestsThatPass(@ForAll Signal signal, @ForAll long seed, @ForAll @IntRange(max = 3) int size)
      throws Exception {
    Random random = new Random(seed);
    byte[] wire = Mutation.of(new RandomOtlp(seed, 0.1).request(signal, size), random);
    try {
      Structure.check(signal, ByteBuffer.wrap(wire));
    } catch (Malformed e) {
      return;
    }
    rewrite(signal, wire, random);
  }

  private static void rewrite(Signal signal, byte[] wire, Random random) throws Exception {
    ItemCursor cursor = CURSORS.get(signal);
    Message request = StructureDifferentialTest.protobuf(signal, wire);
    Fixture fixture = new Fixture(random);
    cursor.reset(fixture.schema, Placed.between(wire, random));
    List<List<EditModel.Edit>> edits = EditModel.random(random, fixture.fields, cursor.items());
    Set<String> composite = compositeKeys(request);
    edits.replaceAll(own -> own.stream()
        // the encoded form of an array is not the same once protobuf wrote it anew
        .filter(e -> e.kind() != EditModel.Kind.HASH || !composite.contains(e.field().key())).toList());
    LOG.begin(cursor);
    for (List<EditModel.Edit> own : edits) {
      assertThat(cursor.next()).isTrue();
      own.forEach(e -> e.record(LOG));
    }
    LOG.close();
    cursor.poison();

    Message expected = EditModel.apply(request, edits);
    int dropped = cursor.items() - StructureDifferentialTest.items(expected);
    assertThat(LOG.dropped()).isEqualTo(dropped);
    int[] counted = {0};
    LOG.drops((reason, n) -> counted[0] += n);
    assertThat(counted[0]).isEqualTo(dropped);

    int before = random.nextInt(20);
    int after = random.nextInt(20);
    byte[] canary = new byte[before + Rewriter.bound(cursor, LOG) + after];
    random.nextBytes(canary);
    ByteBuffer target = random.nextBoolean() ? ByteBuffer.allocate(canary.length)
        : ByteBuffer.allocateDirect(canary.length);
    target.put(0, canary).position(before).limit(canary.length - after);
    int length = Rewriter.write(cursor, LOG, target);
    assertThat(target.remaining()).isEqualTo(length);
    assertThat(target.limit()).isEqualTo(canary.length - after);
    byte[] written = new byte[length];
    target.get(target.position(), written);
    target.clear();
    for (int i = 0; i < canary.length; i++) {
      if (i == before) i = canary.length - after;
      if (i < canary.length) assertThat(target.get(i)).isEqualTo(canary[i]);
    }

    assertThat(StructureDifferentialTest.protobuf(signal, written)).isEqualTo(expected);
    assertThat(Structure.check(signal, ByteBuffer.wrap(written))).isEqualTo(cursor.items() - dropped);
    if (LOG.isEmpty()) assertThat(written).isEqualTo(wire);
  }

  private static Set<String> compositeKeys(Message request) {
    boolean any = Otlp.items(request).stream()
        .flatMap(i -> Stream.of(Level.values()).flatMap(level -> i.attributes(level).stream()))
        .map(KeyValue::getValue).anyMatch(RewriterDifferentialTest::composite);
    // an edit may move an array to any key
    return any ? Set.copyOf(RandomOtlp.KEYS) : new HashSet<>();
  }

  private static boolean composite(AnyValue v) {
    return v.hasArrayValue() || v.hasKvlistValue();
  }
}
