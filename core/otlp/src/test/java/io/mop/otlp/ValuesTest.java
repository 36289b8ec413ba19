package io.mop.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import io.mop.api.data.Reason;
import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.mop.api.data.Value;
import io.mop.api.data.ValueEditor;
import io.mop.api.pipeline.Receiver.Malformed;
import io.mop.otlp.AttributeField.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class ValuesTest {
  private static final Map<Signal, ItemCursor> CURSORS = new EnumMap<>(Signal.class);
  private static final EditLog LOG = new EditLog();
  private static final byte[] MASK = "****".getBytes(StandardCharsets.UTF_8);
  /** Shows a value that a later one in the same AnyValue takes the place of: {string "secret", int 5}. */
  private static final byte[] SHADOWED = {0x0A, 1, 'k', 0x12, 10, 0x0A, 6, 's', 'e', 'c', 'r', 'e', 't', 0x18, 5};

  static {
    for (Signal signal : Signal.values()) CURSORS.put(signal, ItemCursor.of(signal));
  }

  @Property(tries = 1500)
  void writesWhatTheSameChangesOnProtobufGive(@ForAll Signal signal, @ForAll long seed,
      @ForAll @IntRange(max = 4) int size, @ForAll @IntRange(min = 1, max = 12) int rarity) throws Exception {
    assertSame(signal, new RandomOtlp(seed, 0.1).request(signal, size), seed, rarity);
  }

  @Property(tries = 800)
  void alsoForRequestsWithoutOddities(@ForAll Signal signal, @ForAll long seed,
      @ForAll @IntRange(max = 5) int size, @ForAll @IntRange(min = 1, max = 40) int rarity) throws Exception {
    assertSame(signal, new RandomOtlp(seed, 0).request(signal, size), seed, rarity);
  }

  @Property(tries = 2500)
  void alsoForDamagedRequestsThatPass(@ForAll Signal signal, @ForAll long seed, @ForAll @IntRange(max = 3) int size)
      throws Exception {
    byte[] wire = Mutation.of(new RandomOtlp(seed, 0.1).request(signal, size), new Random(seed));
    try {
      Structure.check(signal, ByteBuffer.wrap(wire));
    } catch (Malformed e) {
      return;
    }
    assertSame(signal, wire, seed, 5);
  }

  private static void assertSame(Signal signal, byte[] wire, long seed, int rarity) throws Exception {
    ItemCursor cursor = CURSORS.get(signal);
    Message request = StructureDifferentialTest.protobuf(signal, wire);
    ValuesModel model = new ValuesModel((int) (seed & 0xFFFF), rarity);
    byte[] written = edited(cursor, wire, model);
    assertThat(StructureDifferentialTest.protobuf(signal, written)).isEqualTo(model.apply(request));
    assertThat(Structure.check(signal, ByteBuffer.wrap(written))).isEqualTo(cursor.items());
    if (LOG.isEmpty()) assertThat(written).isEqualTo(wire);
  }

  private static byte[] edited(ItemCursor cursor, byte[] wire, ValueEditor editor) {
    cursor.reset(Schema.EMPTY, ByteBuffer.wrap(wire));
    LOG.begin(cursor);
    LOG.values(editor);
    LOG.close();
    cursor.poison();
    int bound = Rewriter.bound(cursor, LOG);
    ByteBuffer target = ByteBuffer.allocateDirect(bound + 7).position(3).limit(bound + 3);
    int length = Rewriter.write(cursor, LOG, target);
    assertThat(target.limit()).isEqualTo(bound + 3);
    assertThat(length).isEqualTo(LOG.isEmpty() ? wire.length : bound).isEqualTo(target.remaining());
    byte[] written = new byte[length];
    target.get(written);
    return written;
  }

  /** A value that a reader would skip still leaves the process: it is shown, and masked without changing the rest. */
  @Example
  void showsWhatALaterValueTakesThePlaceOf() throws Exception {
    byte[] span = wrap(0x12, wrap(0x4A, SHADOWED));
    byte[] wire = wrap(0x0A, wrap(0x12, span));
    List<String> seen = new ArrayList<>();
    byte[] written = edited(CURSORS.get(Signal.TRACES), wire, (owner, key, value, edit) -> {
      seen.add(owner + " " + key + " " + value);
      if (value.type() == Value.Type.TEXT) edit.replace(MASK, 0, MASK.length);
    });
    assertThat(seen).containsExactly("ITEM k 5", "ITEM k secret");
    assertThat(new String(written, StandardCharsets.ISO_8859_1)).doesNotContain("secret").contains("****");
    assertThat(StructureDifferentialTest.protobuf(Signal.TRACES, written).toString()).contains("int_value: 5");
  }

  private static byte[] wrap(int tag, byte[] body) {
    return ByteBuffer.allocate(2 + body.length).put((byte) tag).put((byte) body.length).put(body).array();
  }

  @Example
  void whatIsNotUtf8IsRepaired() throws Exception {
    byte[] wire = Samples.traces(1, 1).toByteArray();
    byte[] bad = {'a', (byte) 0xFF};
    byte[] written =
        edited(CURSORS.get(Signal.TRACES), wire, (owner, key, value, edit) -> edit.replace(bad, 0, bad.length));
    assertThat(StructureDifferentialTest.protobuf(Signal.TRACES, written).toString()).contains("a\\357\\277\\275");
  }

  @Example
  void aCallEitherWalksOrEdits() {
    FieldTable table = new FieldTable();
    AttributeField field = table.field(Level.ITEM, "thread.id");
    ItemCursor cursor = new SpanCursor();
    cursor.reset(Schema.of(List.of(field)), ByteBuffer.wrap(Samples.traces(2, 1).toByteArray()));
    EditLog log = new EditLog();
    log.begin(cursor);
    cursor.next();
    Value before = cursor.get(field);
    log.values((owner, key, value, edit) -> { });
    assertThat(log.isEmpty()).isTrue();
    assertThatThrownBy(before::type).isInstanceOf(IllegalStateException.class);
    assertThat(cursor.get(field).integer()).isEqualTo(42);
    assertThatThrownBy(() -> log.remove(field)).hasMessageContaining("used values");
    assertThatThrownBy(() -> log.drop(new Reason("r"))).hasMessageContaining("used values");
    assertThatThrownBy(() -> log.values((owner, key, value, edit) -> { })).hasMessageContaining("no other edit");
    log.begin(cursor);
    log.remove(field);
    assertThatThrownBy(() -> log.values((owner, key, value, edit) -> { })).hasMessageContaining("no other edit");
    log.close();
    assertThatThrownBy(() -> log.values((owner, key, value, edit) -> { })).hasMessageContaining("ended");
  }

  @Example
  void nothingGivenOutWorksLater() {
    ItemCursor cursor = new SpanCursor();
    cursor.reset(Schema.EMPTY, ByteBuffer.wrap(Samples.traces(1, 1).toByteArray()));
    EditLog log = new EditLog();
    log.begin(cursor);
    List<Text> keys = new ArrayList<>();
    List<Value> values = new ArrayList<>();
    List<Runnable> later = new ArrayList<>();
    log.values(new ValueEditor() {
      @Override
      public void value(Owner owner, Text key, Value value, Edit edit) {
        keys.add(key);
        values.add(value);
        later.add(() -> edit.replace(MASK, 0, 1));
        later.add(edit::remove);
      }

      @Override
      public void end(Owner owner, Append append) {
        later.add(() -> append.add(Text.of("k"), 1));
      }
    });
    assertThat(keys).isNotEmpty().allSatisfy(
        k -> assertThatThrownBy(k::length).isInstanceOf(IllegalStateException.class));
    assertThat(values).allSatisfy(v -> assertThatThrownBy(v::type).isInstanceOf(IllegalStateException.class));
    assertThat(later).allSatisfy(l -> assertThatThrownBy(l::run).isInstanceOf(IllegalStateException.class));
    log.revoke();
    later.forEach(l -> assertThatThrownBy(l::run).isInstanceOf(IllegalStateException.class));
  }
}
