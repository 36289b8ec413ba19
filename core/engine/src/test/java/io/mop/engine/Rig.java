package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Batch;
import io.mop.api.data.Signal;
import io.mop.api.data.Spans;
import io.mop.api.data.Text;
import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Receiver;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Part;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Size;
import io.mop.control.Binding;
import io.mop.control.ConfigError;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import io.mop.control.Status;
import io.mop.control.Topology;
import io.mop.otlp.SpanWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.LongStream;

/** An engine with plugins made by the test: one receiver whose door the test holds, and an exporter that collects. */
final class Rig implements AutoCloseable {
  /** Configuration of every plugin here. */
  record None() {}

  final FakeCatalog catalog = new FakeCatalog();
  final Engine engine;
  final List<Long> delivered = Collections.synchronizedList(new ArrayList<>());
  volatile Receiver.Intake intake;
  volatile boolean reading = true;
  volatile Receiver.Intake old;
  volatile BiFunction<Batch, Exporter.Outcome, Boolean> sink = (b, o) -> false;

  Rig(Path state, Duration hard) {
    engine = new Engine(catalog, state, 2, hard.dividedBy(2), hard);
    catalog.put(Kind.RECEIVER, "door", 1, x -> new Receiver() {
      @Override
      public void start(Intake in) {
        intake = in;
      }

      @Override
      public void pause() {
        reading = false;
      }

      @Override
      public void resume() {
        reading = true;
      }
    });
    catalog.put(Kind.EXPORTER, "collect", 1, x -> (Exporter) (batch, outcome) -> {
      if (sink.apply(batch, outcome)) return;
      Spans spans = (Spans) batch.read();
      while (spans.next()) delivered.add(spans.spanId());
      outcome.delivered();
    });
  }

  static Topology.Component component(Kind kind, String id, Optional<Topology.Queue> queue) {
    String type = id.contains("/") ? id.substring(0, id.indexOf('/')) : id;
    return new Topology.Component(kind, id, type, "mop.yaml:1", new NoKeys(), queue);
  }

  /** With keys: {@code fingerprint} is how a file says {@code keys}. */
  static Topology.Component component(Kind kind, String id, Record keys, String fingerprint, Topology.Queue queue) {
    String type = id.contains("/") ? id.substring(0, id.indexOf('/')) : id;
    Optional<Topology.Queue> held = kind == Kind.EXPORTER ? Optional.of(queue) : Optional.empty();
    return new Topology.Component(kind, id, type, "mop.yaml:7", new Keys(keys, fingerprint + held), held);
  }

  private record Keys(Record keys, String fingerprint) implements Binding {
    @Override
    public <C extends Record> C bind(Class<C> type) {
      return type.cast(keys);
    }

    @Override
    public ConfigError locate(InvalidConfig problem) {
      return new ConfigError(List.of("mop.yaml:7: " + problem.key() + ": " + problem.getMessage()));
    }
  }

  static Topology topology(Topology.Durability durability, Topology.OnMissing missing, String... processors) {
    Topology.Queue queue =
        new Topology.Queue(new Size(1 << 20), 2, Duration.ofMillis(1), Duration.ofMillis(20), Duration.ZERO);
    List<Topology.Component> all = new ArrayList<>();
    all.add(component(Kind.RECEIVER, "door", Optional.empty()));
    all.add(component(Kind.EXPORTER, "collect", Optional.of(queue)));
    for (String p : processors) all.add(component(Kind.PROCESSOR, p, Optional.empty()));
    return new Topology(
        all,
        List.of(
            new Topology.Pipeline(
                "traces", Signal.TRACES, List.of("door"), List.of(processors), List.of("collect"),
                durability, missing)),
        new Size(64 << 20),
        Duration.ofSeconds(5));
  }

  /** Sends {@code n} spans with the ids from {@code first} on. */
  void send(long first, int n, Receiver.Ack ack) throws Receiver.Refused, Receiver.Malformed {
    SpanWriter writer = new SpanWriter(SpanWriter.resource(Map.of("service.name", "rig")), "test", "1");
    for (int i = 0; i < n; i++) {
      writer.begin(1, 2, first + i, 0, 2, 1_000, 2_000);
      writer.name(Text.of("GET"));
      writer.attribute("number", first + i);
      writer.end();
    }
    Receiver.Landing landing = intake.reserve(Signal.TRACES, writer.size(), "");
    writer.writeTo(landing.buffer());
    landing.submit(ack);
  }

  /** Waits for the spans 1 to {@code n}, each once. Sorted: to compare a million in any order takes minutes. */
  void deliveredOnce(long n) {
    await(n + " spans", () -> delivered.size() >= n);
    synchronized (delivered) {
      assertThat(delivered.stream().mapToLong(Long::longValue).sorted().toArray())
          .isEqualTo(LongStream.rangeClosed(1, n).toArray());
    }
  }

  static Long[] ids(long first, long last) {
    return LongStream.rangeClosed(first, last).boxed().toArray(Long[]::new);
  }

  /** Of everything that came in it is known what became of it. */
  void balances() {
    for (Status.Flow f : engine.status().flows()) assertThat(f.difference()).as(f.toString()).isZero();
  }

  Status.Flow flow(String path) {
    return engine.status().flows().stream().filter(f -> f.path().equals(path)).findFirst().orElseThrow();
  }

  Status.Component health(String path) {
    return engine.status().components().stream().filter(c -> c.path().equals(path)).findFirst().orElseThrow();
  }

  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) throw new AssertionError("not within 60 s: " + what);
      Thread.onSpinWait();
      Thread.yield();
    }
  }

  @Override
  public void close() {
    engine.deactivate();
  }

  /** Counts what became of requests. */
  static final class CountingAck implements Receiver.Ack {
    final AtomicInteger safe = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();

    @Override
    public void safe() {
      safe.incrementAndGet();
    }

    @Override
    public void refused(String why, Duration retryAfter) {
      refused.incrementAndGet();
    }
  }

  /** A processor's plugin. */
  void processor(String name, int version, Function<Context, Transform> make) {
    catalog.put(Kind.PROCESSOR, name, version, make::apply);
  }

  private static final class NoKeys implements Binding {
    @Override
    public <C extends Record> C bind(Class<C> type) throws ConfigError {
      try {
        var constructor = type.getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
      } catch (ReflectiveOperationException e) {
        throw new ConfigError(List.of("mop.yaml:1: " + e));
      }
    }

    @Override
    public ConfigError locate(InvalidConfig problem) {
      return new ConfigError(List.of("mop.yaml:1: " + problem.key() + ": " + problem.getMessage()));
    }

    @Override
    public String fingerprint() {
      return "";
    }
  }

  static final class FakeCatalog implements PluginCatalog {
    private final List<PluginType> types = new CopyOnWriteArrayList<>();
    final Map<PluginType, String> quarantine = new ConcurrentHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    void put(Kind kind, String name, int version, Function<Context, Part> make) {
      put(kind, name, version, None.class, (none, context) -> make.apply(context));
    }

    <C extends Record> void put(
        Kind kind, String name, int version, Class<C> type, BiFunction<C, Context, Part> make) {
      Plugin<C> plugin =
          new Plugin<>() {
            @Override
            public Class<C> config() {
              return type;
            }

            @Override
            public Part create(C config, Context context) {
              return make.apply(config, context);
            }
          };
      types.add(new PluginType(kind, name, version + ".0.0", "test." + name, types.size() + 1, plugin));
      listeners.forEach(Runnable::run);
    }

    void remove(Kind kind, String name) {
      types.removeIf(t -> t.kind() == kind && t.name().equals(name));
      listeners.forEach(Runnable::run);
    }

    @Override
    public Optional<PluginType> find(Kind kind, String name) {
      return types.stream()
          .filter(t -> t.kind() == kind && t.name().equals(name) && !quarantine.containsKey(t))
          .reduce((a, b) -> b);
    }

    @Override
    public List<PluginType> all() {
      return types;
    }

    @Override
    public List<Installed> installed() {
      return types.stream().map(t -> new Installed(t, Optional.ofNullable(quarantine.get(t)))).toList();
    }

    @Override
    public void quarantine(PluginType type, String reason) {
      quarantine.put(type, reason);
      listeners.forEach(Runnable::run);
    }

    @Override
    public void release(PluginType type) {
      quarantine.remove(type);
      listeners.forEach(Runnable::run);
    }

    final Map<PluginType, Used> used = new ConcurrentHashMap<>();

    @Override
    public Used used(PluginType type) {
      return used.getOrDefault(type, new Used(0, 0));
    }

    @Override
    public Listening onChange(Runnable changed) {
      listeners.add(changed);
      return () -> listeners.remove(changed);
    }
  }
}
