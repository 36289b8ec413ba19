package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Provides.Kind;
import io.mop.control.PluginType;
import io.mop.control.Status;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An exporter whose call does not return. */
class HungExporterTest {
  @TempDir Path state;
  Rig rig;
  final Rig.CountingAck ack = new Rig.CountingAck();
  final AtomicInteger calls = new AtomicInteger();
  final AtomicBoolean released = new AtomicBoolean();
  final AtomicBoolean answered = new AtomicBoolean();

  @BeforeEach
  void start() {
    rig = new Rig(state, Duration.ofMillis(200));
  }

  @AfterEach
  void stop() {
    released.set(true);
    rig.close();
  }

  /** Version {@code n} hangs in every call, whatever interrupts it, and says "delivered" when it is let go. */
  private void hanging(int n) {
    rig.catalog.put(Kind.EXPORTER, "collect", n, x -> (Exporter) (batch, outcome) -> {
      calls.incrementAndGet();
      ByteBuffer bytes = batch.wire();
      int before = bytes.hashCode();
      Rig.await("released", released::get);
      assertThat(batch.wire().hashCode()).as("its bytes are still its").isEqualTo(before);
      outcome.delivered();
      answered.set(true);
    });
  }

  private void everythingOnce(int n) {
    Rig.await(n + " spans", () -> rig.delivered.size() == n);
    released.set(true);
    Rig.await("the old answer has come", answered::get);
    Rig.await("all is acknowledged", () -> ack.safe.get() == 2);
    Status.Flow flow = rig.flow("exporters.collect");
    assertThat(flow.out()).isEqualTo(n);
    assertThat(flow.difference()).isZero();
    assertThat(rig.delivered).doesNotHaveDuplicates().hasSize(n);
  }

  @Test
  void isNamedAndTrippedAndTheVersionBeforeSendsTheBatchAgain() throws Exception {
    rig.engine.apply(Rig.topology(Durability.EXPORT, OnMissing.REFUSE));
    hanging(2);
    rig.send(1, 10, ack);
    Rig.await("the call", () -> calls.get() == 1);
    rig.send(11, 10, ack);
    Rig.await("version 2 is in quarantine", () -> !rig.catalog.quarantine.isEmpty());
    assertThat(rig.catalog.quarantine.values())
        .containsExactly("exporters.collect tripped: a call took longer than 200 ms");
    everythingOnce(20);
    assertThat(rig.health("exporters.collect").version()).isEqualTo("1.0.0");
    assertThat(rig.engine.status().counters()).containsEntry("exporters.collect hung_calls", 1L);
    assertThat(calls).hasValue(1);
  }

  @Test
  void withoutAnotherVersionTheQueueHoldsUntilTheQuarantineEnds() throws Exception {
    rig.catalog.remove(Kind.EXPORTER, "collect");
    AtomicBoolean sound = new AtomicBoolean();
    rig.catalog.put(Kind.EXPORTER, "collect", 1, x -> (Exporter) (batch, outcome) -> {
      if (!sound.get()) {
        calls.incrementAndGet();
        Rig.await("released", released::get);
        answered.set(true);
        return;
      }
      var spans = (io.mop.api.data.Spans) batch.read();
      while (spans.next()) rig.delivered.add(spans.spanId());
      outcome.delivered();
    });
    rig.engine.apply(Rig.topology(Durability.EXPORT, OnMissing.REFUSE));
    rig.send(1, 10, ack);
    Rig.await("unhealthy", () -> !rig.health("exporters.collect").healthy());
    Rig.await("in quarantine", () -> !rig.catalog.quarantine.isEmpty());
    assertThat(rig.health("exporters.collect").reason()).contains("a call took longer than 200 ms");
    rig.send(11, 10, ack);
    Rig.await("both are held", () -> rig.flow("exporters.collect").held() == 20);
    sound.set(true);
    PluginType type = rig.catalog.quarantine.keySet().iterator().next();
    rig.catalog.release(type);
    everythingOnce(20);
    assertThat(rig.health("exporters.collect").healthy()).isTrue();
  }
}
