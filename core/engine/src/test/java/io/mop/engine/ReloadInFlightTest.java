package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Secret;
import io.mop.api.plugin.Size;
import io.mop.control.Changes;
import io.mop.control.ConfigError;
import io.mop.control.Status;
import io.mop.control.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A new configuration loses and repeats nothing of what is under way. */
class ReloadInFlightTest extends ReloadSetup {
  @Test
  void aChangedReceiverIsRestartedAndComesBackIfTheNewOneCannotStart() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    rig.engine.apply(line("b", "a", "a"));
    assertThat(events).containsExactly("start a", "close a", "start b");
    events.clear();
    assertThatThrownBy(() -> rig.engine.apply(line("occupied", "b", "a")))
        .isInstanceOf(ConfigError.class)
        .hasMessage("mop.yaml:7: text: a free port");
    assertThat(events).containsExactly("close b", "start occupied", "close occupied", "start b");
    assertThat(closed(made("processors.count", "a"))).as("the rest was not touched").containsExactly(0, 0);
    assertThat(rig.health("receivers.gate").healthy()).isTrue();
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
    rig.engine.apply(line("c", "a", "a"));
    assertThat(events).endsWith("close b", "start c");
  }

  @Test
  void aChangedExporterKeepsWhatItHoldsAndTheNewQueueTakesEffect() throws Exception {
    rig.engine.apply(line("a", "a", "silent"));
    rig.send(1, 10, ack);
    Rig.await("the exporter has it", () -> held("exporters.sink") == 10);
    rig.engine.apply(line("a", "a", "talks"));
    allDeliveredOnce(10);
    assertThat(rig.flow("exporters.sink").in()).isEqualTo(10);
    Rig.await("the old one is closed", () -> closed(made("exporters.sink", "silent")).equals(List.of(1)));

    Topology.Queue tiny =
        new Topology.Queue(new Size(1), 1, QUEUE.initialInterval(), QUEUE.maxInterval(), Duration.ZERO);
    Topology narrow =
        of(
            List.of(
                part(Kind.RECEIVER, "gate", "a"),
                part(Kind.PROCESSOR, "count", "a"),
                Rig.component(Kind.EXPORTER, "sink", new Keys("talks", new Secret("s")), "talks", tiny)),
            pipeline("traces", "gate", List.of("count"), "sink"));
    assertThat(rig.engine.apply(narrow, false).replaced()).containsExactly("exporters.sink");
    assertThat(closed(made("exporters.sink", "talks"))).as("only its queue changed").containsExactly(0);
    hold = new CountDownLatch(1);
    rig.send(11, 10, ack);
    rig.send(21, 10, ack);
    hold.countDown();
    allDeliveredOnce(30);
  }

  @Test
  void aRemovedExporterIsDrainedAndItsRestIsCounted() throws Exception {
    Topology two =
        of(
            List.of(
                part(Kind.RECEIVER, "gate", "a"), part(Kind.EXPORTER, "sink", "a"),
                part(Kind.EXPORTER, "sink/b", "silent")),
            pipeline("traces", "gate", List.of(), "sink"),
            pipeline("traces/b", "gate", List.of(), "sink/b"));
    rig.engine.apply(two);
    rig.send(1, 10, ack);
    Rig.await("the silent one has it", () -> held("exporters.sink/b") == 10);
    Topology one =
        new Topology(
            List.of(part(Kind.RECEIVER, "gate", "a"), part(Kind.EXPORTER, "sink", "a")),
            List.of(pipeline("traces", "gate", List.of(), "sink")),
            new Size(64 << 20),
            Duration.ofMillis(50));
    Changes changes = rig.engine.apply(one, false);
    assertThat(changes.removed()).containsExactly("exporters.sink/b", "pipelines.traces/b");
    rig.send(11, 10, ack);
    allDeliveredOnce(20);
    assertThat(rig.flow("exporters.sink/b").failed()).isEqualTo(Map.of("component_removed", 10L));
    assertThat(closed(made("exporters.sink/b", "silent"))).containsExactly(1);
    assertThat(rig.engine.status().components()).extracting(Status.Component::path)
        .containsExactly("receivers.gate", "exporters.sink");
  }

  @Test
  void whatWaitsInLanesForARemovedPipelineFinishesThroughIt() throws Exception {
    Topology two =
        of(
            List.of(
                part(Kind.RECEIVER, "door", "a"),
                part(Kind.RECEIVER, "gate", "a"),
                part(Kind.PROCESSOR, "count", "a"),
                part(Kind.EXPORTER, "sink", "a")),
            pipeline("traces", "gate", List.of("count"), "sink"),
            pipeline("traces/old", "door", List.of("count"), "sink"));
    rig.catalog.put(Kind.RECEIVER, "door", 2, Keys.class, (k, x) -> new Receiver() {
      @Override
      public void start(Intake in) {
        rig.old = in;
      }

      @Override
      public void pause() {}

      @Override
      public void resume() {}

      @Override
      public void close() {
        events.add("close door");
      }
    });
    rig.engine.apply(two);
    hold = new CountDownLatch(1);
    Receiver.Intake gate = rig.intake;
    rig.intake = rig.old;
    for (int i = 0; i < 50; i++) rig.send(1 + i * 10, 10, ack);
    CompletableFuture<Void> change = CompletableFuture.runAsync(() -> {
      try {
        rig.engine.apply(line("a", "b", "a"));
      } catch (ConfigError e) {
        throw new IllegalStateException(e);
      }
    });
    Rig.await("the removed receiver is closed first", () -> events.contains("close door"));
    hold.countDown();
    change.join();
    assertThatThrownBy(() -> rig.send(9_000, 1, ack)).isInstanceOf(Receiver.Refused.class);
    rig.intake = gate;
    rig.send(501, 10, ack);
    allDeliveredOnce(510);
    assertThat(rig.flow("pipelines.traces/old").out()).isEqualTo(500);
    assertThat(seen("processors.count")).isEqualTo(510);
  }

  @Test
  void aParkedRequestGoesOnWithoutTheStageThatWasRemoved() throws Exception {
    rig.processor("bad", 1, x -> (items, edits) -> {
      throw new IllegalStateException("always");
    });
    List<Topology.Component> parts =
        List.of(
            part(Kind.RECEIVER, "gate", "a"), part(Kind.EXPORTER, "sink", "a"), part(Kind.PROCESSOR, "count", "a"),
            Rig.component(Kind.PROCESSOR, "bad", Optional.empty()));
    rig.engine.apply(of(parts, pipeline("traces", "gate", List.of("bad", "count"), "sink")));
    rig.send(1, 10, ack);
    Rig.await("tripped", () -> !rig.catalog.quarantine.isEmpty());
    Rig.await("parked", () -> rig.flow("pipelines.traces").held() == 10);
    rig.engine.apply(of(parts.subList(0, 3), pipeline("traces", "gate", List.of("count"), "sink")));
    allDeliveredOnce(10);
    assertThat(seen("processors.count")).isEqualTo(10);
  }

  @Test
  void underLoadFiftyChangesLoseNothing() throws Exception {
    AtomicLong repeated = new AtomicLong();
    rig.catalog.put(Kind.EXPORTER, "second", 1, Keys.class, (k, x) -> (Exporter) (batch, outcome) -> {
      repeated.addAndGet(batch.items());
      outcome.delivered();
    });
    rig.engine.apply(line("a", "0", "a"));
    AtomicLong next = new AtomicLong(1);
    AtomicBoolean end = new AtomicBoolean();
    Thread load = new Thread(() -> {
      while (!end.get()) {
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
    for (int i = 1; i <= 50; i++) {
      int now = i;
      long before = rig.delivered.size();
      rig.engine.apply(varied(i));
      if (i % 7 == 0) {
        assertThatThrownBy(() -> rig.engine.apply(line("a", "impossible", "b" + now))).isInstanceOf(ConfigError.class);
      }
      Rig.await("data after change " + i, () -> rig.delivered.size() > before);
    }
    end.set(true);
    load.join();
    allDeliveredOnce(next.get() - 1);
    assertThat(seen("processors.count")).isEqualTo(next.get() - 1);
    assertThat(rig.flow("pipelines.traces/second").in()).isEqualTo(repeated.get()).isPositive();
    assertThat(rig.flow("exporters.second").out()).isEqualTo(repeated.get());
    assertThat(events).as("the receiver was never restarted").containsExactly("start a");
  }

  /** Another processor each time; each third time another exporter, with a second pipeline that comes and goes. */
  private static Topology varied(int i) {
    List<Topology.Component> parts = new ArrayList<>(
        Arrays.asList(
            part(Kind.RECEIVER, "gate", "a"), part(Kind.PROCESSOR, "count", "" + i),
            part(Kind.EXPORTER, "sink", "b" + i / 3)));
    Topology.Pipeline main = pipeline("traces", "gate", List.of("count"), "sink");
    if (i % 2 == 0) return of(parts, main);
    parts.add(part(Kind.PROCESSOR, "count/second", "a"));
    parts.add(part(Kind.EXPORTER, "second", "a"));
    return of(parts, main, pipeline("traces/second", "gate", List.of("count/second"), "second"));
  }
}
