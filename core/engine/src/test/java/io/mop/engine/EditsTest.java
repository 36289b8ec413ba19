package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Field;
import io.mop.api.data.Items;
import io.mop.api.data.Logs;
import io.mop.api.data.Points;
import io.mop.api.data.Reason;
import io.mop.api.data.Signal;
import io.mop.api.data.Spans;
import io.mop.api.data.Text;
import io.mop.api.pipeline.Receiver;
import io.mop.control.Topology;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/** What stages edit and drop, of every signal. */
class EditsTest extends EngineSetup {
  @Test
  void aStageSeesTheEditsOfTheStageBefore() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    rig.processor("rename", 1, x -> {
      Field number = x.fields().item("number");
      Text to = Text.of("renamed");
      return (items, edits) -> {
        while (items.next()) edits.rename(number, to);
      };
    });
    rig.processor("look", 1, x -> {
      Field before = x.fields().item("number");
      Field after = x.fields().item("renamed");
      return (items, edits) -> {
        while (items.next()) seen.add(items.get(before).type() + " " + items.get(after).integer());
      };
    });
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE, "rename", "look"));
    rig.send(7, 2, ack);
    Rig.await("2 spans", () -> rig.delivered.size() == 2);
    assertThat(seen).containsExactly("ABSENT 7", "ABSENT 8");
  }

  @Test
  void droppedItemsAreCountedUnderTheirReason() throws Exception {
    Reason odd = new Reason("odd");
    rig.processor("drop_odd", 1, x -> (items, edits) -> {
      while (items.next()) if ((((Spans) items).spanId() & 1) == 1) edits.drop(odd);
    });
    rig.engine.apply(Rig.topology(Durability.EXPORT, OnMissing.REFUSE, "drop_odd"));
    rig.send(1, 10, ack);
    rig.send(11, 1, ack); // all of it is dropped
    Rig.await("both are settled", () -> ack.safe.get() == 2);
    assertThat(rig.delivered).containsExactly(2L, 4L, 6L, 8L, 10L);
    assertThat(rig.flow("processors.drop_odd").filtered()).containsEntry("odd", 6L);
    rig.balances();
  }

  private static byte[] field(int number, byte[]... bodies) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (byte[] b : bodies) body.writeBytes(b);
    ByteArrayOutputStream field = new ByteArrayOutputStream();
    field.write(number << 3 | 2);
    if (body.size() > 127) throw new AssertionError("only lengths of one byte are written here");
    field.write(body.size());
    field.writeBytes(body.toByteArray());
    return field.toByteArray();
  }

  private static byte[] text(int number, String text) {
    return field(number, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends one request through a processor that drops item 2 and numbers the others; what a second one sees of them. */
  private List<String> edited(Signal signal, byte[] wire, ToLongFunction<Items> number) throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    Reason second = new Reason("second");
    rig.processor("edit", 1, x -> {
      Field to = x.fields().item("number");
      return (items, edits) -> {
        while (items.next()) {
          if (number.applyAsLong(items) == 2) edits.drop(second);
          else edits.set(to, number.applyAsLong(items));
        }
      };
    });
    rig.processor("look", 1, x -> {
      Field from = x.fields().item("number");
      return (items, edits) -> {
        while (items.next()) seen.add(number.applyAsLong(items) + " " + items.get(from));
      };
    });
    List<Long> sent = new CopyOnWriteArrayList<>();
    rig.sink = (batch, outcome) -> {
      Items items = batch.read();
      while (items.next()) sent.add(number.applyAsLong(items));
      outcome.delivered();
      return true;
    };
    Topology t = Rig.topology(Durability.EXPORT, OnMissing.REFUSE, "edit", "look");
    Topology.Pipeline p = t.pipelines().get(0);
    String name = signal.name().toLowerCase(Locale.ROOT);
    Topology.Pipeline own = new Topology.Pipeline(
        name, signal, p.receivers(), p.processors(), p.exporters(), p.durability(), p.onMissing());
    rig.engine.apply(new Topology(t.components(), List.of(own), t.memory(), t.shutdown()));
    Receiver.Landing landing = rig.intake.reserve(signal, wire.length, "");
    landing.buffer().put(wire);
    landing.submit(ack);
    Rig.await("it is settled", () -> ack.safe.get() == 1);
    assertThat(sent).containsExactly(1L, 3L);
    assertThat(rig.flow("receivers.door").in()).isEqualTo(3);
    assertThat(rig.flow("processors.edit").filtered()).containsEntry("second", 1L);
    assertThat(rig.flow("exporters.collect").in()).isEqualTo(2);
    rig.balances();
    return seen;
  }

  @Test
  void aProcessorEditsAndDropsDataPoints() throws Exception {
    byte[][] points = new byte[3][];
    for (int i = 0; i < 3; i++) points[i] = field(1, new byte[] {0x31, (byte) (i + 1), 0, 0, 0, 0, 0, 0, 0});
    byte[] wire = field(1, field(2, field(2, text(1, "depth"), field(5, points))));
    assertThat(edited(Signal.METRICS, wire, items -> ((Points) items).integer())).containsExactly("1 1", "3 3");
  }

  @Test
  void aProcessorEditsAndDropsLogRecords() throws Exception {
    byte[][] records = new byte[3][];
    for (int i = 0; i < 3; i++) records[i] = field(2, field(5, new byte[] {0x18, (byte) (i + 1)}));
    assertThat(edited(Signal.LOGS, field(1, field(2, records)), items -> ((Logs) items).body().integer()))
        .containsExactly("1 1", "3 3");
  }
}
