package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.mop.control.Status;
import io.mop.control.Topology;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An engine whose parts are told by a text what they do, and tell what became of them. */
abstract class ReloadSetup {
  /** Configuration of the plugins here. */
  record Keys(String text, Secret secret) {}

  static final Topology.Queue QUEUE =
      new Topology.Queue(new Size(1 << 20), 2, Duration.ofMillis(1), Duration.ofMillis(20), Duration.ZERO);

  @TempDir Path state;
  Rig rig;
  final Rig.CountingAck ack = new Rig.CountingAck();
  final List<Made> made = new CopyOnWriteArrayList<>();
  final List<String> events = new CopyOnWriteArrayList<>();
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
        List.of(
            part(Kind.RECEIVER, "gate", gate), part(Kind.PROCESSOR, "count", count), part(Kind.EXPORTER, "sink", sink)),
        pipeline("traces", "gate", List.of("count"), "sink"));
  }

  List<Made> made(String path, String text) {
    return made.stream().filter(m -> m.path.equals(path) && m.text.equals(text)).toList();
  }

  long seen(String path) {
    return made.stream().filter(m -> m.path.equals(path) && m.closed.get() == 0).mapToLong(m -> m.seen.get()).sum();
  }

  static List<Integer> closed(List<Made> parts) {
    return parts.stream().map(p -> p.closed.get()).toList();
  }

  long held(String path) {
    return rig.engine.status().flows().stream().filter(f -> f.path().equals(path)).mapToLong(Status.Flow::held).sum();
  }

  void allDeliveredOnce(long n) {
    rig.deliveredOnce(n);
    Rig.await("nothing is held", () -> rig.engine.status().flows().stream().allMatch(f -> f.held() == 0));
    rig.balances();
  }
}
