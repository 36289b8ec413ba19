package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Batch;
import io.mop.api.data.Edits;
import io.mop.api.data.Items;
import io.mop.api.data.Signal;
import io.mop.api.data.Spans;
import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Receiver;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.InvalidState;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Secret;
import io.mop.api.plugin.Size;
import io.mop.api.plugin.StateReader;
import io.mop.api.plugin.StateWriter;
import io.mop.control.Changes;
import io.mop.control.ConfigError;
import io.mop.control.Status;
import io.mop.control.Topology;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadTest {
  /** Configuration of the plugins here. */
  record Keys(String text, Secret secret) {}

  static final Topology.Queue QUEUE =
      new Topology.Queue(new Size(1 << 20), 2, Duration.ofMillis(1), Duration.ofMillis(20), Duration.ZERO);

  @TempDir Path state;
  Rig rig;
  final Rig.CountingAck ack = new Rig.CountingAck();
  final List<Made> made = new CopyOnWriteArrayList<>();
  final List<String> events = new CopyOnWriteArrayList<>();
  final AtomicLong repeated = new AtomicLong();
  volatile CountDownLatch hold = new CountDownLatch(0);

  /** A part of any kind, by the text it was given. */
  class Made implements Transform {
    final String path;
    final String text;
    final AtomicLong seen = new AtomicLong();
    final AtomicInteger closed = new AtomicInteger();

    Made(String path, String text) {
      this.path = path;
      this.text = text;
      if (text.equals("impossible")) throw new InvalidConfig("text", "something possible");
      made.add(this);
    }

    @Override
    public void apply(Items items, Edits edits) {
      assertThat(closed).hasValue(0);
      Rig.await("released", () -> hold.getCount() == 0);
      if (text.equals("explosive")) throw new IllegalStateException("as it was told");
      while (items.next()) seen.incrementAndGet();
    }

    @Override
    public void save(StateWriter w) {
      w.format("seen/1");
      w.writeLong(seen.get());
    }

    @Override
    public void restore(StateReader r) throws InvalidState {
      if (text.equals("amnesic")) throw new InvalidState("got " + r.format() + ", reads nothing");
      seen.set(r.readLong());
    }

    @Override
    public void close() {
      closed.incrementAndGet();
    }
  }

  @BeforeEach
  void start() {
    rig = new Rig(state, Duration.ofSeconds(2));
    rig.catalog.put(Kind.PROCESSOR, "count", 1, Keys.class, (k, x) -> new Made(x.id(), k.text()));
    rig.catalog.put(Kind.EXPORTER, "sink", 1, Keys.class, (k, x) -> new Exporter() {
      final Made as = new Made(x.id(), k.text());

      @Override
      public void export(Batch batch, Outcome outcome) {
        assertThat(as.closed).hasValue(0);
        if (k.text().equals("silent")) return;
        Spans spans = (Spans) batch.read();
        while (spans.next()) rig.delivered.add(spans.spanId());
        outcome.delivered();
      }

      @Override
      public void close() {
        as.close();
      }
    });
    rig.catalog.put(Kind.RECEIVER, "gate", 1, Keys.class, (k, x) -> new Receiver() {
      final Made as = new Made(x.id(), k.text());

      @Override
      public void start(Intake in) {
        events.add("start " + k.text());
        if (k.text().startsWith("occupied")) throw new InvalidConfig("text", "a free port");
        assertThat(in.carries(Signal.TRACES)).isTrue();
        rig.intake = in;
      }

      @Override
      public void pause() {}

      @Override
      public void resume() {}

      @Override
      public void close() {
        events.add("close " + k.text());
        as.close();
      }
    });
  }

  @AfterEach
  void stop() {
    hold.countDown();
    rig.close();
  }

  // ---- topologies

  static Topology.Component part(Kind kind, String id, String text) {
    return Rig.component(kind, id, new Keys(text, new Secret("s")), text, QUEUE);
  }

  static Topology.Pipeline pipeline(String id, String receiver, List<String> processors, String exporter) {
    return new Topology.Pipeline(
        id, Signal.TRACES, List.of(receiver), processors, List.of(exporter), Durability.MEMORY, OnMissing.REFUSE);
  }

  static Topology of(List<Topology.Component> parts, Topology.Pipeline... pipelines) {
    return new Topology(parts, List.of(pipelines), new Size(64 << 20), Duration.ofSeconds(5));
  }

  /** gate → count → sink, each with the text given. */
  static Topology line(String gate, String count, String sink) {
    return of(
        List.of(part(Kind.RECEIVER, "gate", gate), part(Kind.PROCESSOR, "count", count), part(Kind.EXPORTER, "sink", sink)),
        pipeline("traces", "gate", List.of("count"), "sink"));
  }

  private List<Made> made(String path, String text) {
    return made.stream().filter(m -> m.path.equals(path) && m.text.equals(text)).toList();
  }

  private long seen(String path) {
    return made.stream().filter(m -> m.path.equals(path) && m.closed.get() == 0).mapToLong(m -> m.seen.get()).sum();
  }

  private static List<Integer> closed(List<Made> parts) {
    return parts.stream().map(p -> p.closed.get()).toList();
  }

  private long held(String path) {
    return rig.engine.status().flows().stream().filter(f -> f.path().equals(path)).mapToLong(Status.Flow::held).sum();
  }

  private void allDeliveredOnce(long n) {
    rig.deliveredOnce(n);
    balanced();
  }

  private void balanced() {
    Rig.await("nothing is held", () -> rig.engine.status().flows().stream().allMatch(f -> f.held() == 0));
    for (Status.Flow f : rig.engine.status().flows()) assertThat(f.difference()).as(f.toString()).isZero();
  }

  // ---- tests

  @Test
  void onlyWhatChangedIsReplacedAndItsStateGoesOn() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
    Changes changes = rig.engine.apply(line("a", "b", "a"), false);
    assertThat(changes)
        .isEqualTo(
            new Changes(
                List.of(), List.of("processors.count"), List.of(),
                List.of("receivers.gate", "exporters.sink", "pipelines.traces")));
    rig.send(11, 10, ack);
    allDeliveredOnce(20);
    assertThat(seen("processors.count")).isEqualTo(20);
    assertThat(closed(made("processors.count", "a"))).containsExactly(1, 1);
    assertThat(closed(made("processors.count", "b"))).containsExactly(0, 0);
    assertThat(closed(made("receivers.gate", "a"))).containsExactly(0);
    assertThat(closed(made("exporters.sink", "a"))).containsExactly(0);
    assertThat(events).containsExactly("start a");
  }

  @Test
  void theSameWrittenOtherwiseIsKept() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    Topology same =
        of(
            List.of(
                Rig.component(Kind.RECEIVER, "gate", new Keys("a", new Secret("s")), "text: 'a'", QUEUE),
                Rig.component(Kind.PROCESSOR, "count", new Keys("a", new Secret("other")), "text: a", QUEUE),
                Rig.component(Kind.EXPORTER, "sink", new Keys("a", new Secret("s")), "{text: a}", QUEUE)),
            pipeline("traces", "gate", List.of("count"), "sink"));
    Changes changes = rig.engine.apply(same, false);
    assertThat(changes.replaced()).as("its secret differs").containsExactly("processors.count");
    assertThat(changes.kept()).containsExactly("receivers.gate", "exporters.sink", "pipelines.traces");
    assertThat(rig.engine.apply(same, false).none()).isTrue();
    assertThat(made).hasSize(6);
  }

  @Test
  void aStateThatTheNewConfigurationCannotTakeFailsTheChangeUnlessItIsDiscarded() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
    assertThatThrownBy(() -> rig.engine.apply(line("b", "amnesic", "b")))
        .isInstanceOf(ConfigError.class)
        .hasMessage(
            "mop.yaml:7: processors.count: its new configuration cannot take over the state it has: cannot read the state:"
                + " got seen/1, reads nothing; nothing was changed; --discard-state starts it without that state");
    assertThat(events).as("the receiver was not touched").doesNotContain("close a", "start b");
    rig.send(11, 10, ack);
    allDeliveredOnce(20);
    assertThat(seen("processors.count")).isEqualTo(20);
    assertThat(closed(made("processors.count", "amnesic"))).isNotEmpty().containsOnly(1);
    assertThat(closed(made("exporters.sink", "b"))).containsExactly(1);
    rig.engine.apply(line("a", "amnesic", "a"), true);
    rig.send(21, 10, ack);
    allDeliveredOnce(30);
    assertThat(seen("processors.count")).isEqualTo(10);
  }

  @Test
  void aPartThatCannotBeMadeChangesNothing() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    assertThatThrownBy(() -> rig.engine.apply(line("b", "b", "impossible")))
        .isInstanceOf(ConfigError.class)
        .hasMessage("mop.yaml:7: text: something possible");
    assertThat(closed(made("receivers.gate", "b"))).containsExactly(1);
    assertThat(closed(made("processors.count", "b"))).containsExactly(1, 1);
    assertThat(events).containsExactly("start a", "close b");
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
  }

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

    Topology.Queue tiny = new Topology.Queue(new Size(1), 1, QUEUE.initialInterval(), QUEUE.maxInterval(), Duration.ZERO);
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
                part(Kind.RECEIVER, "gate", "a"), part(Kind.EXPORTER, "sink", "a"), part(Kind.EXPORTER, "sink/b", "silent")),
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
    assertThat(rig.flow("exporters.sink/b").failed()).isEqualTo(java.util.Map.of("component_removed", 10L));
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
            Rig.component(Kind.PROCESSOR, "bad", java.util.Optional.empty()));
    rig.engine.apply(of(parts, pipeline("traces", "gate", List.of("bad", "count"), "sink")));
    rig.send(1, 10, ack);
    Rig.await("tripped", () -> !rig.catalog.quarantine.isEmpty());
    Rig.await("parked", () -> rig.flow("pipelines.traces").held() == 10);
    rig.engine.apply(of(parts.subList(0, 3), pipeline("traces", "gate", List.of("count"), "sink")));
    allDeliveredOnce(10);
    assertThat(seen("processors.count")).isEqualTo(10);
  }

  @Test
  void whatAConfigurationHasTrippedAnotherOneCures() throws Exception {
    rig.engine.apply(line("a", "explosive", "a"));
    rig.send(1, 10, ack);
    Rig.await("tripped", () -> !rig.catalog.quarantine.isEmpty());
    Rig.await("parked", () -> held("pipelines.traces") == 10);
    rig.engine.apply(line("a", "calm", "a"));
    allDeliveredOnce(10);
    assertThat(rig.catalog.quarantine).isEmpty();
    assertThat(rig.health("processors.count").healthy()).isTrue();
    rig.send(11, 10, ack);
    allDeliveredOnce(20);
  }

  @Test
  void memoryChangesAtOnceAndTooMuchOfItIsRefused() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    Topology line = line("a", "a", "a");
    Topology more = new Topology(line.components(), line.pipelines(), new Size(128 << 20), line.shutdown());
    assertThat(rig.engine.apply(more, false).replaced()).containsExactly("service.memory");
    assertThat(rig.engine.status().memoryLimit()).isEqualTo(128 << 20);
    Topology endless = new Topology(line.components(), line.pipelines(), new Size(1L << 50), line.shutdown());
    assertThatThrownBy(() -> rig.engine.apply(endless)).isInstanceOf(ConfigError.class).hasMessageContaining("service.memory");
    assertThat(rig.engine.status().memoryLimit()).isEqualTo(128 << 20);
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
    Topology less = new Topology(line.components(), line.pipelines(), new Size(8 << 20), line.shutdown());
    rig.engine.apply(less);
    assertThat(rig.engine.status().memoryLimit()).isEqualTo(8 << 20);
    rig.send(11, 10, ack);
    allDeliveredOnce(20);
  }

  @Test
  void processorsInAnotherOrderKeepTheirState() throws Exception {
    List<Topology.Component> parts =
        List.of(
            part(Kind.RECEIVER, "gate", "a"), part(Kind.EXPORTER, "sink", "a"), part(Kind.PROCESSOR, "count", "a"),
            part(Kind.PROCESSOR, "count/b", "a"), part(Kind.PROCESSOR, "count/c", "a"));
    rig.engine.apply(of(parts, pipeline("traces", "gate", List.of("count", "count/b", "count/c"), "sink")));
    rig.send(1, 10, ack);
    Changes changes =
        rig.engine.apply(of(parts, pipeline("traces", "gate", List.of("count/c", "count"), "sink")), false);
    assertThat(changes.replaced()).containsExactly("pipelines.traces");
    rig.send(11, 10, ack);
    allDeliveredOnce(20);
    assertThat(List.of(seen("processors.count"), seen("processors.count/b"), seen("processors.count/c")))
        .containsExactly(20L, 10L, 20L);
  }

  @Test
  void aPluginThatChangesAfterwardsIsGivenTheNewConfiguration() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    rig.engine.apply(line("a", "b", "a"));
    rig.catalog.put(Kind.PROCESSOR, "count", 2, Keys.class, (k, x) -> new Made(x.id(), "2 with " + k.text()));
    assertThat(made("processors.count", "2 with b")).hasSize(2);
    rig.send(1, 10, ack);
    allDeliveredOnce(10);
  }

  @Test
  void underLoadFiftyChangesLoseNothing() throws Exception {
    rig.catalog.put(Kind.EXPORTER, "second", 1, Keys.class, (k, x) -> (Exporter) (batch, outcome) -> {
      repeated.addAndGet(batch.items());
      outcome.delivered();
    });
    rig.engine.apply(line("a", "0", "a"));
    AtomicLong next = new AtomicLong(1);
    java.util.concurrent.atomic.AtomicBoolean end = new java.util.concurrent.atomic.AtomicBoolean();
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
      if (i % 7 == 0) assertThatThrownBy(() -> rig.engine.apply(line("a", "impossible", "b" + now))).isInstanceOf(ConfigError.class);
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
        Arrays.asList(part(Kind.RECEIVER, "gate", "a"), part(Kind.PROCESSOR, "count", "" + i), part(Kind.EXPORTER, "sink", "b" + i / 3)));
    Topology.Pipeline main = pipeline("traces", "gate", List.of("count"), "sink");
    if (i % 2 == 0) return of(parts, main);
    parts.add(part(Kind.PROCESSOR, "count/second", "a"));
    parts.add(part(Kind.EXPORTER, "second", "a"));
    return of(parts, main, pipeline("traces/second", "gate", List.of("count/second"), "second"));
  }

  @Test
  void partsAreClosedOnceWhenAllEnds() throws Exception {
    rig.engine.apply(line("a", "a", "a"));
    for (String text : List.of("b", "c")) rig.engine.apply(line("a", text, text));
    rig.engine.stop(Duration.ofSeconds(5));
    Rig.await("all are closed", () -> made.stream().allMatch(m -> m.closed.get() > 0));
    assertThat(made).allSatisfy(m -> assertThat(m.closed).as(m.path + " " + m.text).hasValue(1));
  }

}
