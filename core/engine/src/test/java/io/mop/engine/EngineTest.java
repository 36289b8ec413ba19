package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Receiver;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Provides.Kind;
import io.mop.control.ConfigError;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import io.mop.control.Status;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Batches on their way through a pipeline, from its start to its end. */
class EngineTest extends EngineSetup {
  @Test
  void everySpanArrivesOnceAndTheBooksBalance() throws Exception {
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE));
    for (int i = 0; i < 200; i++) rig.send(1 + i * 50L, 50, ack);
    Rig.await("10,000 spans", () -> rig.delivered.size() == 10_000);
    assertThat(rig.delivered).containsExactlyInAnyOrder(Rig.ids(1, 10_000));
    assertThat(ack.safe).hasValue(200);
    Rig.await("nothing is held", () -> rig.flow("exporters.collect").held() == 0);
    assertThat(rig.flow("receivers.door").out()).isEqualTo(rig.flow("pipelines.traces").in()).isEqualTo(10_000);
    assertThat(rig.flow("pipelines.traces").out()).isEqualTo(rig.flow("exporters.collect").in()).isEqualTo(10_000);
    rig.balances();
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
    assertThat(rig.delivered).containsExactlyInAnyOrder(Rig.ids(3, 1_002));
    assertThat(exports.get()).isLessThan(10);
    rig.balances();
    Rig.await("all memory is free", () -> rig.engine.status().memoryUsed() <= 4 << 20);
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
    assertThat(rig.delivered).containsExactlyInAnyOrder(Rig.ids(1, 1_000));
    rig.balances();
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
    rig.balances();
  }
}
