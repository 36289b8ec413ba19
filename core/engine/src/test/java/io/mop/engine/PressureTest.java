package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Size;
import io.mop.control.Topology;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing looks at the pressure unless it rises, so each thing that may raise it has to say so. */
class PressureTest {
  @TempDir Path state;
  private Rig rig;
  private final Queue<Exporter.Outcome> open = new ConcurrentLinkedQueue<>();
  private final Rig.CountingAck ack = new Rig.CountingAck();
  private final Topology topology = Rig.topology(Durability.MEMORY, OnMissing.REFUSE);

  @BeforeEach
  void start() throws Exception {
    rig = new Rig(state, Duration.ofSeconds(5));
    rig.sink = (batch, outcome) -> open.add(outcome);
    rig.engine.apply(topology);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private Topology with(long memory, long queue) {
    Topology.Queue smaller =
        new Topology.Queue(new Size(queue), 2, Duration.ofMillis(1), Duration.ofMillis(20), Duration.ZERO);
    List<Topology.Component> components =
        topology.components().stream()
            .map(c -> c.kind() == Kind.EXPORTER ? Rig.component(c.kind(), c.id(), Optional.of(smaller)) : c)
            .toList();
    return new Topology(components, topology.pipelines(), new Size(memory), topology.shutdown());
  }

  private long held() {
    return rig.engine.vitals().queues().get(0).bytes();
  }

  private void answers() {
    rig.sink = (batch, outcome) -> false;
    for (Exporter.Outcome o; (o = open.poll()) != null; ) o.delivered();
  }

  /** Requests of 4 MiB each. */
  private List<Receiver.Landing> reserve(int n) throws Exception {
    List<Receiver.Landing> landings = new ArrayList<>();
    for (int i = 0; i < n; i++) landings.add(rig.intake.reserve(Signal.TRACES, 4 << 20, ""));
    return landings;
  }

  @Test
  void ofMemory() throws Exception {
    List<Receiver.Landing> landings = reserve(15);
    Rig.await("reading is paused", () -> !rig.reading);
    assertThat(rig.health("receivers.door").reason()).startsWith("reading is paused: memory (service.memory) is ");
    landings.forEach(Receiver.Landing::cancel);
    Rig.await("it reads again, not in vain", () -> rig.health("receivers.door").healthy());
    reserve(15);
    Rig.await("it is paused again", () -> !rig.reading);
  }

  @Test
  void ofMemoryThatBecomesLess() throws Exception {
    List<Receiver.Landing> landings = reserve(12);
    rig.engine.apply(with(52 << 20, 1 << 20));
    Rig.await("reading is paused", () -> !rig.reading);
    landings.forEach(Receiver.Landing::cancel);
    Rig.await("it reads again", () -> rig.reading);
  }

  @Test
  void ofAQueueThatBecomesSmaller() throws Exception {
    while (held() < 500_000) rig.send(1, 1000, ack);
    rig.engine.apply(with(64 << 20, 520_000));
    Rig.await("reading is paused", () -> !rig.reading);
    answers();
    Rig.await("it reads again", () -> rig.reading);
  }

  @Test
  void ofAReceiverThatIsReplaced() throws Exception {
    List<Receiver.Landing> landings = reserve(15);
    Rig.await("reading is paused", () -> !rig.reading);
    List<String> calls = new ArrayList<>();
    rig.catalog.put(Kind.RECEIVER, "door", 2, x -> new Receiver() {
      @Override
      public void start(Intake in) {}

      @Override
      public void pause() {
        synchronized (calls) {
          calls.add("pause");
        }
      }

      @Override
      public void resume() {
        synchronized (calls) {
          calls.add("resume");
        }
      }
    });
    Rig.await("the new one is paused too", () -> said(calls).equals(List.of("pause")));
    landings.forEach(Receiver.Landing::cancel);
    Rig.await("it reads again", () -> said(calls).equals(List.of("pause", "resume")));
  }

  private static List<String> said(List<String> calls) {
    synchronized (calls) {
      return List.copyOf(calls);
    }
  }
}
