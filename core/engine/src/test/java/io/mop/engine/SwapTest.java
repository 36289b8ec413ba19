package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Batch;
import io.mop.api.data.Edits;
import io.mop.api.data.Items;
import io.mop.api.data.Spans;
import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Receiver;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.InvalidState;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.StateReader;
import io.mop.api.plugin.StateWriter;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwapTest {
  @TempDir Path state;
  Rig rig;
  final Rig.CountingAck ack = new Rig.CountingAck();
  final List<Counting> made = new CopyOnWriteArrayList<>();

  /** Counts spans and carries the count over; version 2 writes another format than version 1. */
  class Counting implements Transform {
    final int version;
    final AtomicLong seen = new AtomicLong();
    final AtomicInteger closed = new AtomicInteger();

    Counting(int version) {
      this.version = version;
      made.add(this);
    }

    @Override
    public void apply(Items items, Edits edits) {
      assertThat(closed).hasValue(0);
      while (items.next()) seen.incrementAndGet();
    }

    @Override
    public void save(StateWriter w) {
      w.format("count/" + version);
      w.writeLong(seen.get());
      if (version >= 2) w.writeBytes(new byte[] {7});
    }

    @Override
    public void restore(StateReader r) throws InvalidState {
      String format = r.format();
      if (!format.equals("count/" + version) && !format.equals("count/" + (version - 1))) {
        throw new InvalidState("got " + format + ", reads count/" + version + " and count/" + (version - 1));
      }
      seen.set(r.readLong());
      if (format.equals("count/2") && r.readBytes()[0] != 7) throw new InvalidState("no 7");
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }

  @BeforeEach
  void start() {
    rig = new Rig(state, Duration.ofSeconds(2));
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private long seenBy(int version) {
    return made.stream().filter(c -> c.version == version && c.closed.get() == 0).mapToLong(c -> c.seen.get()).sum();
  }

  private String quarantine(int version) {
    return rig.catalog.quarantine.entrySet().stream()
        .filter(q -> q.getKey().version().startsWith(version + "."))
        .map(q -> q.getValue())
        .findFirst()
        .orElse("");
  }

  private void allDeliveredOnce(long n) {
    rig.deliveredOnce(n);
    Rig.await("nothing is held", () -> rig.flow("exporters.collect").held() == 0);
    rig.balances();
  }

  @Test
  void underLoadAVersionTakesOverWithItsStateAndNothingIsLost() throws Exception {
    rig.processor("count", 1, x -> new Counting(1));
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE, "count"));
    AtomicLong next = new AtomicLong(1);
    Thread load = new Thread(() -> {
      while (next.get() < 50_000) {
        try {
          rig.send(next.get(), 10, ack);
          next.addAndGet(10);
        } catch (Receiver.Refused e) {
          Thread.yield();
        } catch (Receiver.Malformed e) {
          throw new IllegalStateException(e);
        }
      }
    });
    load.start();
    for (int version = 2; version <= 20; version++) {
      int v = version;
      long before = rig.delivered.size();
      rig.processor("count", v, x -> new Counting(v));
      assertThat(quarantine(v)).isEmpty();
      Rig.await("data after swap " + v, () -> rig.delivered.size() > before || !load.isAlive());
    }
    load.join();
    allDeliveredOnce(next.get() - 1);
    assertThat(seenBy(20)).isEqualTo(next.get() - 1);
    assertThat(rig.health("processors.count").version()).isEqualTo("20.0.0");
    assertThat(rig.engine.status().counters()).containsEntry("processors.count swaps", 19L);
    assertThat(made.stream().filter(c -> c.version < 20)).allSatisfy(c -> assertThat(c.closed).hasValue(1));
  }

  @Test
  void aVersionThatCannotBeMadeIsRefused() throws Exception {
    rig.processor("count", 1, x -> new Counting(1));
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE, "count"));
    rig.processor("count", 2, x -> {
      throw new InvalidConfig("limit", "a positive number");
    });
    assertThat(quarantine(2)).isEqualTo("mop.yaml:1: limit: a positive number");
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
    assertThat(seenBy(1)).isEqualTo(10);
    assertThat(rig.health("processors.count").version()).isEqualTo("1.0.0");
  }

  @Test
  void aVersionThatCannotReadTheStateIsRefusedUnlessItIsDiscarded() throws Exception {
    rig.processor("count", 1, x -> new Counting(1));
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE, "count"));
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
    rig.processor("count", 3, x -> new Counting(3));
    assertThat(quarantine(3)).isEqualTo("cannot read the state: got count/1, reads count/3 and count/2");
    assertThat(rig.health("processors.count").version()).isEqualTo("1.0.0");
    rig.engine.discardState("processors.count");
    rig.processor("count", 4, x -> new Counting(4));
    assertThat(quarantine(4)).isEmpty();
    assertThat(rig.health("processors.count").version()).isEqualTo("4.0.0");
    assertThat(seenBy(4)).isZero();
  }

  @Test
  void aVersionThatFailsOnItsFirstBatchGivesWayToTheOneBefore() throws Exception {
    rig.processor("count", 1, x -> new Counting(1));
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE, "count"));
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
    rig.processor("count", 2, x -> new Counting(2) {
      @Override
      public void apply(Items items, Edits edits) {
        throw new IllegalStateException("new and bad");
      }
    });
    assertThat(rig.health("processors.count").version()).isEqualTo("2.0.0");
    rig.send(11, 10, ack);
    allDeliveredOnce(20);
    assertThat(quarantine(2)).contains("3 failures").contains("new and bad");
    assertThat(rig.health("processors.count").version()).isEqualTo("1.0.0");
    assertThat(rig.health("processors.count").healthy()).isTrue();
    assertThat(seenBy(1)).isEqualTo(20); // version 1 cannot read count/2: it goes on from what it saved itself
  }

  @Test
  void aPluginThatGoesAndComesBackKeepsItsState() throws Exception {
    rig.processor("count", 1, x -> new Counting(1));
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE, "count"));
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
    rig.catalog.remove(Kind.PROCESSOR, "count");
    assertThat(made).filteredOn(c -> c.closed.get() == 0).isEmpty();
    assertThatThrownBy(() -> rig.send(11, 10, ack))
        .isInstanceOf(Receiver.Refused.class).hasMessageContaining("is missing");
    rig.processor("count", 1, x -> new Counting(1));
    rig.send(11, 10, ack);
    allDeliveredOnce(20);
    assertThat(seenBy(1)).isEqualTo(20);
  }

  @Test
  void whatWasTakenBeforeAStageWentWaitsForItsReturn() throws Exception {
    rig.processor("bad", 1, x -> (items, edits) -> {
      throw new IllegalStateException("always");
    });
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE, "bad"));
    rig.send(1, 10, ack);
    Rig.await("tripped", () -> !quarantine(1).isEmpty());
    assertThat(rig.flow("pipelines.traces").held()).isEqualTo(10);
    assertThat(rig.delivered).isEmpty();
    rig.processor("bad", 2, x -> (items, edits) -> {
      while (items.next()) assertThat(((Spans) items).spanId()).isPositive();
    });
    allDeliveredOnce(10);
  }

  @Test
  void anExporterIsReplacedUnderLoadAndWhatItOwesIsSentAgain() throws Exception {
    rig.sink = (batch, outcome) -> batch.items() == 3; // version 1 never answers for these
    rig.engine.apply(Rig.topology(Durability.EXPORT, OnMissing.REFUSE));
    rig.send(1, 10, ack);
    Rig.await("10 spans", () -> rig.delivered.size() == 10);
    rig.send(11, 3, ack);
    Rig.await("the exporter has it", () -> rig.flow("exporters.collect").held() == 3);
    rig.catalog.put(Kind.EXPORTER, "collect", 2, x -> new Exporter() {
      @Override
      public void export(Batch batch, Outcome outcome) {
        Spans spans = (Spans) batch.read();
        while (spans.next()) rig.delivered.add(spans.spanId());
        outcome.delivered();
      }
    });
    Rig.await("the rest", () -> ack.safe.get() == 2);
    allDeliveredOnce(13);
    assertThat(rig.health("exporters.collect").version()).isEqualTo("2.0.0");
  }
}
