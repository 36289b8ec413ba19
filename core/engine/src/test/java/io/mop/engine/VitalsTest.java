package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Receiver.Refused;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Size;
import io.mop.control.ConfigError;
import io.mop.control.Topology;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import io.mop.control.Vitals;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class VitalsTest {
  @TempDir Path state;
  private Rig rig;

  @BeforeEach
  void start() {
    rig = new Rig(state, Duration.ofSeconds(5));
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private Vitals vitals() {
    return rig.engine.vitals();
  }

  @Test
  void beforeAConfigurationThereIsNothing() {
    assertThat(vitals().config()).isEmpty();
    assertThat(vitals().applied()).isZero();
    assertThat(vitals().queues()).isEmpty();
    assertThat(vitals().closed()).isEmpty();
  }

  @Test
  void whatRunsAndHowOftenItWasTaken() throws Exception {
    Topology broken = Rig.topology(Durability.MEMORY, OnMissing.REFUSE, "absent").withHash("b0");
    assertThatThrownBy(() -> rig.engine.apply(broken)).isInstanceOf(ConfigError.class);
    assertThat(vitals().applied()).isZero();
    assertThat(vitals().config()).isEmpty();
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE).withHash("c0ffee"));
    assertThat(vitals().config()).isEqualTo("c0ffee");
    assertThat(vitals().applied()).isEqualTo(1);
  }

  @Test
  void theBeatStopsWhileTheControlThreadHangsAndComesBack() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    rig.processor("slow", 1, x -> {
      inside.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return (items, edits) -> {};
    });
    Thread apply = new Thread(() -> {
      try {
        rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE, "slow"));
      } catch (ConfigError e) {
        throw new IllegalStateException(e);
      }
    });
    apply.start();
    inside.await();
    Rig.await("no beat for 1.5 s", () -> vitals().sinceBeat().toMillis() > 1500);
    release.countDown();
    apply.join();
    Rig.await("a beat", () -> vitals().sinceBeat().toMillis() < 500);
  }

  @Test
  void aQueueHoldsWhatTheExporterHasNotDelivered() throws Exception {
    Queue<Exporter.Outcome> open = new ConcurrentLinkedQueue<>();
    rig.sink = (batch, outcome) -> open.add(outcome);
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE));
    assertThat(vitals().queues()).containsExactly(new Vitals.Queue("exporters.collect", 0, 1 << 20));
    long free = vitals().memoryFree();
    assertThat(free).isEqualTo(64 << 20);
    rig.send(1, 100, new Rig.CountingAck());
    Rig.await("it is sent", () -> open.size() == 1);
    long held = vitals().queues().get(0).bytes();
    assertThat(held).isBetween(1000L, 100_000L);
    assertThat(vitals().memoryFree()).isBetween(free - held - 16, free - held);
    open.remove().delivered();
    Rig.await("it is delivered", () -> vitals().queues().get(0).bytes() == 0);
    Rig.await("its memory is free", () -> vitals().memoryFree() == free);
  }

  @Test
  void fullMemoryIsNoFreeMemory() throws Exception {
    Queue<Exporter.Outcome> open = new ConcurrentLinkedQueue<>();
    rig.sink = (batch, outcome) -> open.add(outcome);
    Topology t = Rig.topology(Durability.MEMORY, OnMissing.REFUSE);
    rig.engine.apply(new Topology(t.components(), t.pipelines(), new Size(4 << 20), t.shutdown()));
    assertThat(vitals().memoryFree()).isEqualTo(4 << 20);
    int size = 3 << 20;
    var landing = rig.intake.reserve(Signal.TRACES, size, "");
    assertThat(vitals().memoryFree()).isEqualTo((4 << 20) - size);
    assertThatThrownBy(() -> rig.intake.reserve(Signal.TRACES, size, "")).isInstanceOf(Refused.class);
    landing.cancel();
    assertThat(vitals().memoryFree()).isEqualTo(4 << 20);
  }

  @ParameterizedTest(name = "on_missing: {0}")
  @EnumSource(OnMissing.class)
  void aMissingProcessorClosesAPipelineThatMustHaveIt(OnMissing missing) throws Exception {
    rig.processor("p", 1, x -> (items, edits) -> {});
    rig.engine.apply(Rig.topology(Durability.MEMORY, missing, "p"));
    assertThat(vitals().closed()).isEmpty();
    rig.catalog.remove(Kind.PROCESSOR, "p");
    rig.engine.settle();
    if (missing == OnMissing.BYPASS) {
      assertThat(vitals().closed()).isEmpty();
    } else {
      assertThat(vitals().closed()).singleElement().asString().contains("processors.p is missing");
    }
    rig.processor("p", 1, x -> (items, edits) -> {});
    rig.engine.settle();
    assertThat(vitals().closed()).isEmpty();
  }

  @Test
  void aMissingReceiverTakesNothing() throws Exception {
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.BYPASS));
    rig.catalog.remove(Kind.RECEIVER, "door");
    rig.engine.settle();
    assertThat(vitals().closed()).containsExactly("receivers.door is missing: no plugin door is installed");
  }

  @Test
  void countersTellWhatTheyAre() throws Exception {
    rig.processor("p", 1, x -> {
      x.counter("seen", "{span}", "spans seen").add(2);
      return (items, edits) -> {};
    });
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE, "p"));
    assertThat(vitals().counters())
        .containsEntry("processors.p seen", new Vitals.Described("{span}", "spans seen"))
        .containsOnlyKeys(rig.engine.status().counters().keySet());
  }
}
