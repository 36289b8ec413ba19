package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Field;
import io.mop.api.data.Items;
import io.mop.api.data.Logs;
import io.mop.api.data.Points;
import io.mop.api.data.Reason;
import io.mop.api.data.Signal;
import io.mop.api.data.Spans;
import io.mop.api.data.Text;
import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Receiver;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Provides.Kind;
import io.mop.control.ConfigError;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import io.mop.control.Status;
import io.mop.control.Topology;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineTest {
  @TempDir Path state;
  Rig rig;
  final Rig.CountingAck ack = new Rig.CountingAck();

  @BeforeEach
  void start() {
    rig = new Rig(state, Duration.ofMillis(200));
  }

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private void allBalance() {
    for (Status.Flow f : rig.engine.status().flows()) assertThat(f.difference()).as(f.toString()).isZero();
  }

  private static Long[] ids(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toArray(Long[]::new);
  }

  @Test
  void everySpanArrivesOnceAndTheBooksBalance() throws Exception {
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE));
    for (int i = 0; i < 200; i++) rig.send(1 + i * 50L, 50, ack);
    Rig.await("10,000 spans", () -> rig.delivered.size() == 10_000);
    assertThat(rig.delivered).containsExactlyInAnyOrder(ids(1, 10_000));
    assertThat(ack.safe).hasValue(200);
    Rig.await("nothing is held", () -> rig.flow("exporters.collect").held() == 0);
    assertThat(rig.flow("receivers.door").out()).isEqualTo(rig.flow("pipelines.traces").in()).isEqualTo(10_000);
    assertThat(rig.flow("pipelines.traces").out()).isEqualTo(rig.flow("exporters.collect").in()).isEqualTo(10_000);
    allBalance();
  }

  @Test
  void aPluginInUseOutsideOfThePipelinesIsActive() throws Exception {
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE));
    rig.catalog.put(Kind.PROTOCOL, "http", 1, x -> null);
    rig.engine.settle();
    assertThat(plugin("http").state()).isEqualTo("available");
    PluginType http = rig.catalog.find(Kind.PROTOCOL, "http").orElseThrow();
    rig.catalog.used.put(http, new PluginCatalog.Used(1, 3));
    assertThat(plugin("http").state()).isEqualTo("active");
    assertThat(plugin("http").errors()).isEqualTo(3);
    rig.catalog.used.put(http, new PluginCatalog.Used(0, 3));
    assertThat(plugin("http").state()).isEqualTo("available");
  }

  private Status.Plugin plugin(String name) {
    return rig.engine.status().plugins().stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }

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

  /** The backend answers nothing until {@code open}; says how many batches of 100 were taken. */
  private int sendUntilPaused(CountDownLatch open) throws Exception {
    rig.sink = (batch, outcome) -> {
      if (open.getCount() == 0) return false;
      outcome.retry("not yet", Duration.ZERO);
      return true;
    };
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE));
    int sent = 0;
    while (rig.reading) {
      try {
        rig.send(1 + sent * 100L, 100, ack);
        sent++;
      } catch (Receiver.Refused full) {
        Rig.await("reading is paused", () -> !rig.reading);
      }
    }
    return sent;
  }

  @Test
  void aReceiverStopsReadingBeforeAQueueIsFullAndGoesOnWhenItIsEmptier() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    int sent = sendUntilPaused(open);
    assertThat(rig.health("receivers.door").healthy()).isFalse();
    assertThat(rig.health("receivers.door").reason())
        .startsWith("reading is paused: the sending queue of exporters.collect is ").endsWith(" % full");
    assertThat(rig.engine.status().counters()).containsEntry("receivers.door pauses", 1L);
    open.countDown();
    Rig.await("it reads again", () -> rig.reading);
    assertThat(rig.health("receivers.door").healthy()).isTrue();
    int all = sent * 100;
    Rig.await("all spans", () -> rig.delivered.size() == all);
    allBalance();
  }

  @Test
  void aPauseThatDoesNotHelpEndsAndTheDoorRefuses() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    int sent = sendUntilPaused(open);
    Rig.await("it reads again, though nothing has drained", () -> rig.reading);
    assertThat(rig.delivered).isEmpty();
    assertThat(rig.health("receivers.door").healthy()).isFalse();
    assertThat(rig.health("receivers.door").reason())
        .startsWith("reading goes on after 5 s, and what does not fit is refused: the sending queue of exporters.collect");
    int refusedAt = -1;
    for (int i = 0; i < 10_000 && refusedAt < 0; i++) {
      try {
        rig.send(1 + sent * 100L, 100, ack);
        sent++;
      } catch (Receiver.Refused full) {
        refusedAt = i;
      }
    }
    assertThat(refusedAt).as("refused, not paused again").isNotNegative();
    assertThat(rig.engine.status().counters()).containsEntry("receivers.door pauses", 1L);
    open.countDown();
    Rig.await("the receiver is well again", () -> rig.health("receivers.door").healthy());
    int all = sent * 100;
    Rig.await("all spans", () -> rig.delivered.size() == all);
    allBalance();
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
    allBalance();
  }

  @Test
  void withDurabilityExportTheAckWaitsForTheExporter() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    AtomicInteger tries = new AtomicInteger();
    rig.sink = (batch, outcome) -> {
      if (open.getCount() == 0) return false;
      tries.incrementAndGet();
      outcome.retry("not yet", Duration.ZERO);
      return true;
    };
    rig.engine.apply(Rig.topology(Durability.EXPORT, OnMissing.REFUSE));
    rig.send(1, 3, ack);
    Rig.await("three tries", () -> tries.get() >= 3);
    assertThat(ack.safe).hasValue(0);
    assertThat(rig.health("exporters.collect").reason()).isEqualTo("not yet");
    assertThat(rig.flow("exporters.collect").held()).isEqualTo(3);
    open.countDown();
    Rig.await("the ack", () -> ack.safe.get() == 1);
    assertThat(rig.delivered).containsExactly(1L, 2L, 3L);
    assertThat(rig.health("exporters.collect").healthy()).isTrue();
  }

  @Test
  void requestsThatWaitAreSentAsOne() throws Exception {
    AtomicInteger exports = new AtomicInteger();
    List<Exporter.Outcome> held = new CopyOnWriteArrayList<>();
    rig.sink = (batch, outcome) -> {
      exports.incrementAndGet();
      if (batch.items() != 1) return false;
      held.add(outcome);
      return true;
    };
    rig.engine.apply(Rig.topology(Durability.EXPORT, OnMissing.REFUSE));
    rig.send(1, 1, ack);
    Rig.await("one consumer is busy", () -> held.size() == 1); // else both requests may be sent as one
    rig.send(2, 1, ack);
    Rig.await("both consumers are busy", () -> held.size() == 2);
    for (int i = 0; i < 100; i++) rig.send(3 + i * 10L, 10, ack);
    Rig.await("100 requests wait", () -> rig.flow("exporters.collect").held() == 1_002);
    held.forEach(Exporter.Outcome::delivered);
    Rig.await("102 acks", () -> ack.safe.get() == 102);
    assertThat(rig.delivered).containsExactlyInAnyOrder(ids(3, 1_002));
    assertThat(exports.get()).isLessThan(10);
    allBalance();
    Rig.await("all memory is free", () -> rig.engine.status().memoryUsed() <= 4 << 20);
  }

  @Test
  void aFullQueueRefusesRetryably() throws Exception {
    rig.sink = (batch, outcome) -> true; // never answers
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE));
    assertThatThrownBy(() -> {
      for (int i = 0; i < 1_000_000; i++) rig.send(i, 100, ack);
    })
        .isInstanceOf(Receiver.Refused.class)
        .hasMessage("the sending queue of exporters.collect is full");
    allBalance();
  }

  @Test
  void memoryIsBounded() throws Exception {
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE));
    List<Receiver.Landing> held = new CopyOnWriteArrayList<>();
    assertThatThrownBy(() -> {
      for (int i = 0; i < 100; i++) held.add(rig.intake.reserve(Signal.TRACES, 3 << 20, ""));
    })
        .isInstanceOf(Receiver.Refused.class)
        .hasMessage("the memory limit is reached (service.memory)");
    assertThat(held).hasSize(16); // 64 MiB in chunks of 4 MiB
    held.forEach(Receiver.Landing::cancel);
    rig.send(1, 1, ack);
    Rig.await("one span", () -> rig.delivered.size() == 1);
  }

  @Test
  void aMalformedRequestIsTheSendersFaultAndIsCounted() throws Exception {
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE));
    Receiver.Landing landing = rig.intake.reserve(Signal.TRACES, 3, "");
    landing.buffer().put(new byte[] {0x0a, 0x7f, 0x00});
    assertThatThrownBy(() -> landing.submit(ack)).isInstanceOf(Receiver.Malformed.class);
    assertThat(ack.safe).hasValue(0);
    assertThat(rig.engine.status().counters()).containsEntry("receivers.door malformed_requests", 1L);
  }

  @Test
  void aStageThatThrowsIsTrippedAndBypassed() throws Exception {
    rig.processor("bad", 1, x -> (items, edits) -> {
      throw new IllegalStateException("always");
    });
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.BYPASS, "bad"));
    for (int i = 0; i < 20; i++) rig.send(1 + i * 10L, 10, ack);
    Rig.await("200 spans", () -> rig.delivered.size() == 200);
    assertThat(rig.delivered).containsExactlyInAnyOrder(ids(1, 200));
    Rig.await("tripped", () -> !rig.health("processors.bad").healthy());
    assertThat(rig.health("processors.bad").reason()).contains("3 failures").contains("always");
    allBalance();
  }

  @Test
  void aHangingStageIsTakenOutAndItsBatchGoesOn() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger late = new AtomicInteger();
    rig.processor("hang", 1, x -> (items, edits) -> {
      if (calls.incrementAndGet() != 5) return;
      while (release.getCount() > 0) Thread.onSpinWait(); // ignores interrupts
      try {
        items.next();
      } catch (IllegalStateException e) {
        late.incrementAndGet();
      }
      try {
        edits.drop(new Reason("late"));
      } catch (IllegalStateException e) {
        late.incrementAndGet();
      }
    });
    rig.engine.apply(Rig.topology(Durability.EXPORT, OnMissing.BYPASS, "hang"));
    for (int i = 0; i < 50; i++) rig.send(1 + i * 10L, 10, ack);
    Rig.await("500 spans", () -> rig.delivered.size() == 500);
    assertThat(rig.delivered).containsExactlyInAnyOrder(ids(1, 500));
    Rig.await("tripped", () -> rig.health("processors.hang").reason().startsWith("tripped: a call took longer than 200 ms"));
    release.countDown();
    Rig.await("the late calls are refused", () -> late.get() == 2);
    Rig.await("50 acks", () -> ack.safe.get() == 50);
    allBalance();
  }

  @Test
  void aStageThatLeavesThreadsBehindIsNamedAndItsNeighbourStays() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    rig.processor("spawn", 1, x -> (items, edits) -> {
      Thread t = new Thread(() -> {
        try {
          end.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      });
      t.setDaemon(true);
      t.start();
    });
    rig.processor("sound", 1, x -> (items, edits) -> { });
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.BYPASS, "spawn", "sound"));
    for (int i = 0; i < 40; i++) rig.send(1 + i * 10L, 10, ack);
    Rig.await("named", () -> rig.health("processors.spawn").reason().contains("threads running; at most 32"));
    assertThat(rig.health("processors.sound").healthy()).isTrue();
    end.countDown();
    Rig.await("400 spans", () -> rig.delivered.size() == 400);
    allBalance();
  }

  @Test
  void aTrippedMandatoryStageClosesTheDoor() throws Exception {
    rig.processor("bad", 1, x -> (items, edits) -> {
      throw new IllegalStateException("always");
    });
    rig.engine.apply(Rig.topology(Durability.EXPORT, OnMissing.REFUSE, "bad"));
    rig.send(1, 10, ack);
    Rig.await("given back", () -> ack.refused.get() == 1);
    assertThatThrownBy(() -> rig.send(1, 10, ack))
        .isInstanceOf(Receiver.Refused.class)
        .hasMessageContaining("processors.bad is missing");
    assertThat(rig.delivered).isEmpty();
    allBalance();
  }

  @Test
  void aConfigurationThatAPluginRefusesChangesNothing() {
    rig.processor("picky", 1, x -> {
      throw new InvalidConfig("limit", "a positive number");
    });
    assertThatThrownBy(() -> rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE, "picky")))
        .isInstanceOf(ConfigError.class)
        .hasMessage("mop.yaml:1: limit: a positive number");
    assertThat(rig.engine.status().state()).isEqualTo("idle");
    assertThat(rig.engine.status().components()).isEmpty();
  }

  @Test
  void stoppingDeliversWhatIsHeld() throws Exception {
    rig.processor("slow", 1, x -> (Transform) (items, edits) -> {
      for (int i = 0; i < 10_000; i++) Thread.onSpinWait();
    });
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE, "slow"));
    for (int i = 0; i < 100; i++) rig.send(1 + i * 10L, 10, ack);
    rig.engine.stop(Duration.ofSeconds(10));
    assertThat(rig.delivered).containsExactlyInAnyOrder(ids(1, 1_000));
    allBalance();
  }

  @Test
  void whatCannotBeDeliveredAtTheEndIsCounted() throws Exception {
    rig.sink = (batch, outcome) -> {
      outcome.retry("down", Duration.ZERO);
      return true;
    };
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE));
    rig.send(1, 10, ack);
    rig.engine.stop(Duration.ofMillis(50));
    assertThat(rig.flow("exporters.collect").failed()).containsEntry("shutdown", 10L);
    allBalance();
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
    allBalance();
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
