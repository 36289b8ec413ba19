package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Size;
import io.mop.control.Status;
import io.mop.control.Topology;
import io.mop.control.Topology.Batch;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sending_queue.batch} in a running engine; {@link BacklogTest} has its rules. */
class BatchingTest {
  private static final Duration NEVER = Duration.ofHours(1);

  @TempDir Path state;
  private Rig rig;
  private final Rig.CountingAck ack = new Rig.CountingAck();
  private final List<Integer> exports = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() {
    rig = new Rig(state, Duration.ofMillis(200));
    rig.sink = (batch, outcome) -> {
      exports.add(batch.items());
      return false;
    };
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private void apply(Durability durability, Duration flush, int min) throws Exception {
    Topology t = Rig.topology(durability, OnMissing.REFUSE);
    Topology.Queue queue =
        new Topology.Queue(new Size(1 << 20), 2, Duration.ofMillis(1), Duration.ofMillis(20), Duration.ZERO,
            new Batch(flush, new Size(min), new Size(8 << 20)));
    List<Topology.Component> components = List.of(
        t.components().get(0), Rig.component(Kind.EXPORTER, "collect", Optional.of(queue)));
    rig.engine.apply(new Topology(components, t.pipelines(), t.memory(), t.shutdown()));
  }

  /** Items in the queue; none before the first one. */
  private long held() {
    return rig.engine.status().flows().stream()
        .filter(f -> f.path().equals("exporters.collect")).mapToLong(Status.Flow::held).sum();
  }

  @Test
  void aBatchWaitsForItsMinimumAndTheAckForItsDelivery() throws Exception {
    apply(Durability.EXPORT, NEVER, 64 << 10);
    for (int i = 0; i < 10; i++) rig.send(1 + i, 1, ack);
    Rig.await("they wait", () -> held() == 10);
    assertThat(exports).isEmpty();
    rig.send(11, 2_000, ack); // over 64 KiB
    Rig.await("the acks", () -> ack.safe.get() == 11);
    assertThat(exports).containsExactly(2_010);
    assertThat(rig.delivered).hasSize(2_010).doesNotHaveDuplicates();
    assertThat(rig.flow("exporters.collect").difference()).isZero();
  }

  @Test
  void theFlushTimeoutSendsWhatIsThere() throws Exception {
    apply(Durability.EXPORT, Duration.ofMillis(1), 8 << 20);
    rig.send(1, 3, ack);
    Rig.await("the ack", () -> ack.safe.get() == 1);
    assertThat(rig.delivered).containsExactly(1L, 2L, 3L);
  }

  @Test
  void aStopSendsAtOnce() throws Exception {
    apply(Durability.EXPORT, NEVER, 8 << 20);
    for (int i = 0; i < 10; i++) rig.send(1 + i * 10L, 10, ack);
    Rig.await("they wait", () -> held() == 100);
    assertThat(exports).isEmpty();
    assertThat(ack.safe).hasValue(0);
    rig.engine.stop(Duration.ofSeconds(20));
    assertThat(exports).containsExactly(100);
    Rig.await("the acks", () -> ack.safe.get() == 10); // told after the books, on the exporter's thread
  }

  @Test
  void aFullQueueSendsAtOnce() throws Exception {
    apply(Durability.EXPORT, NEVER, 8 << 20); // more than the queue may hold
    rig.sink = (batch, outcome) -> {
      exports.add(batch.items());
      return true; // never answers, so it stays full
    };
    assertThatThrownBy(() -> {
      for (int i = 0; i < 1_000_000; i++) rig.send(i, 100, ack);
    })
        .isInstanceOf(Receiver.Refused.class)
        .hasMessage("the sending queue of exporters.collect is full");
    Rig.await("it is sent", () -> !exports.isEmpty());
  }
}
