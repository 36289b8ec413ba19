package io.mop.engine;

import io.mop.api.pipeline.Exporter;
import io.mop.api.pipeline.Receiver;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Part;
import io.mop.control.ConfigError;
import io.mop.control.Control;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import io.mop.control.Status;
import io.mop.control.Tap;
import io.mop.control.Topology;
import com.sun.management.HotSpotDiagnosticMXBean;
import io.mop.api.plugin.Size;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The control plane: makes the parts that a topology names, publishes them to the data plane, and replaces them when
 * plugins come and go. All of it happens on one control thread.
 */
@Component(immediate = true, service = Control.class)
public final class Engine implements Control {
  private static final System.Logger LOG = System.getLogger("io.mop.engine");
  private static final Duration SOFT = Duration.ofSeconds(1);
  private static final Duration HARD = Duration.ofSeconds(5);
  private static final Duration SETTLE = Duration.ofSeconds(2);

  private final PluginCatalog catalog;
  private final PluginCatalog.Listening listening;
  private final PartFactory factory;
  private final int laneCount;
  private final Duration soft;
  private final Duration hard;
  private final Ledger ledger = new Ledger();
  private final Map<String, LongAdder> counters = PartContext.counters();
  private final long started = System.currentTimeMillis();
  private final ControlThread control = new ControlThread();

  // Written on the control thread.
  private final Map<String, Slot<Transform>> transforms = new LinkedHashMap<>();
  private final Map<String, Outlet> outlets = new LinkedHashMap<>();
  private final Map<String, Inlet> inlets = new LinkedHashMap<>();
  private volatile List<Slot<?>> slots = List.of();
  private volatile Optional<Topology> topology = Optional.empty();
  private volatile DataPlane plane;
  private Swaps swaps;
  private volatile String state = "idle";

  /** A receiver's place and its door. */
  private record Inlet(Slot<Receiver> slot, Entry entry) {}

  @Activate
  public Engine(@Reference Catalog catalog, BundleContext bundle) {
    this(catalog, stateDirectory(bundle), Runtime.getRuntime().availableProcessors(), SOFT, HARD);
    // plugins stop before the engine does: what is held must be delivered before the first of them goes
    SynchronousBundleListener last =
        event -> {
          if (event.getType() == BundleEvent.STOPPING && event.getBundle().getBundleId() == 0) drain();
        };
    bundle.addBundleListener(last);
  }

  Engine(PluginCatalog catalog, Path stateDirectory, int laneCount, Duration soft, Duration hard) {
    this.catalog = catalog;
    this.factory = new PartFactory(stateDirectory, laneCount, counters);
    this.laneCount = laneCount;
    this.soft = soft;
    this.hard = hard;
    this.listening = catalog.onChange(this::changed);
  }

  private static Path stateDirectory(BundleContext bundle) {
    String set = bundle.getProperty("mop.state");
    return Path.of(set != null ? set : System.getProperty("java.io.tmpdir")).toAbsolutePath();
  }

  @Override
  public void apply(Topology next) throws ConfigError {
    control.call(
        () -> {
          if (state.equals("stopping")) throw new IllegalStateException("MOP is stopping");
          if (plane == null) {
            checkMemory(next.memory());
            plane = new DataPlane(next.memory().bytes(), laneCount, ledger, counters, soft, hard, this::tripped);
            swaps = new Swaps(catalog, factory, plane, this::graph, control.timer(), this::reconcile);
          }
          assemble(next);
          return null;
        });
  }

  /** Batches live in direct memory, and the process has a limit for that. */
  private static void checkMemory(Size memory) throws ConfigError {
    long limit =
        Long.parseLong(
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).getVMOption("MaxDirectMemorySize").getValue());
    if (limit == 0) limit = Runtime.getRuntime().maxMemory();
    if (memory.bytes() > limit) {
      throw new ConfigError(
          List.of(
              "service.memory: " + (memory.bytes() >> 20) + " MiB is more than the " + (limit >> 20)
                  + " MiB of direct memory that this process may take: set MOP_DIRECT_MEMORY, e.g. to "
                  + ((memory.bytes() >> 20) + 64) + "m"));
    }
  }

  // ---- on the control thread

  /** Makes all that is new, publishes, then starts receivers; on an error all is as before. */
  private void assemble(Topology next) throws ConfigError {
    if (topology.isPresent()) throw new IllegalStateException("a topology is running");
    List<Unit<?>> made = new ArrayList<>();
    List<Outlet> opened = new ArrayList<>();
    List<Inlet> entered = new ArrayList<>();
    try {
      for (Topology.Component c : next.components()) {
        PluginType type = type(c);
        switch (c.kind()) {
          case PROCESSOR -> {
            Slot<Transform> slot = new Slot<>(c);
            fill(slot, factory.transforms(slot, c, type), made);
            transforms.put(c.id(), slot);
          }
          case EXPORTER -> {
            Slot<Exporter> slot = new Slot<>(c);
            fill(slot, factory.exporter(slot, c, type), made);
            Outlet outlet = new Outlet(slot, plane);
            outlets.put(c.id(), outlet);
            opened.add(outlet);
          }
          case RECEIVER -> {
            Slot<Receiver> slot = new Slot<>(c);
            fill(slot, factory.receiver(slot, c, type), made);
            Inlet inlet = new Inlet(slot, new Entry(plane, slot));
            inlets.put(c.id(), inlet);
            entered.add(inlet);
          }
          case PROTOCOL -> { }
        }
      }
      topology = Optional.of(next);
      listSlots();
      opened.forEach(Outlet::start);
      plane.publish(graph());
      for (Inlet inlet : entered) start(inlet);
      state = "running";
    } catch (ConfigError | RuntimeException e) {
      topology = Optional.empty();
      made.forEach(Unit::close);
      opened.forEach(o -> o.drain(Duration.ZERO));
      transforms.clear();
      outlets.clear();
      inlets.clear();
      listSlots();
      plane.publish(graph());
      throw e;
    }
  }

  private static <P extends Part> void fill(Slot<P> slot, Unit<P> unit, List<Unit<?>> made) {
    made.add(unit);
    slot.fill(unit);
  }

  private PluginType type(Topology.Component c) throws ConfigError {
    return catalog
        .find(c.kind(), c.type())
        .orElseThrow(() -> new ConfigError(List.of(c.where() + ": " + c.path() + ": plugin " + c.type() + " is not installed")));
  }

  private static void start(Inlet inlet) throws ConfigError {
    Topology.Component c = inlet.slot.component();
    try {
      inlet.slot.unit().orElseThrow().part(0).start(inlet.entry);
    } catch (InvalidConfig e) {
      throw c.binding().locate(e);
    } catch (RuntimeException | LinkageError e) {
      LOG.log(System.Logger.Level.ERROR, c.path() + ": start failed", e);
      throw new ConfigError(List.of(c.where() + ": " + c.path() + ": failed to start: " + e));
    }
  }

  private void listSlots() {
    List<Slot<?>> all = new ArrayList<>();
    inlets.values().forEach(i -> all.add(i.slot));
    all.addAll(transforms.values());
    outlets.values().forEach(o -> all.add(o.slot));
    slots = List.copyOf(all);
  }

  /** What the slots hold now; the receivers' doors see it at once. */
  private Graph graph() {
    List<Graph.Run> runs = new ArrayList<>();
    for (Topology.Pipeline p : topology.map(Topology::pipelines).orElse(List.of())) {
      List<Graph.Stage> stages = new ArrayList<>();
      for (String id : p.processors()) {
        Slot<Transform> slot = transforms.get(id);
        stages.add(new Graph.Stage(slot, slot.unit(), plane.account(slot.path(), p.signal())));
      }
      List<Outlet> ends = p.exporters().stream().map(outlets::get).toList();
      runs.add(new Graph.Run(p, plane.account("pipelines." + p.id(), p.signal()), stages, ends));
    }
    Graph next = new Graph(runs);
    inlets.values().forEach(i -> i.entry.graph(next));
    return next;
  }

  /** Every slot gets the best version of its plugin. */
  private void reconcile() {
    if (!state.equals("running")) return;
    transforms.values().forEach(swaps::processor);
    outlets.values().forEach(swaps::exporter);
    inlets.values().forEach(i -> swaps.receiver(i.slot, i.entry));
  }

  // ---- any thread

  /** Plugins came or went: waits a moment, so that a bundle that is being stopped is out of use first. */
  private void changed() {
    control.runAndWait(this::reconcile, SETTLE);
  }

  @Override
  public void settle() {
    control.runAndWait(this::reconcile, Duration.ofSeconds(30));
  }

  @Override
  public void discardState(String path) {
    slots.stream().filter(s -> s.path().equals(path)).forEach(Slot::discardState);
  }

  /** The unit knows that it was tripped; its slot gets the next best version. */
  private void tripped(Unit<?> unit) {
    control.execute(this::reconcile);
  }

  @Override
  public Tap tap() {
    return new TapService(() -> plane);
  }

  @Override
  public Status status() {
    List<Status.Component> components = new ArrayList<>();
    for (Slot<?> s : slots) {
      Optional<PluginType> type = s.unit().map(u -> u.type);
      components.add(
          new Status.Component(
              s.path(),
              s.component().type(),
              type.map(PluginType::version).orElse(""),
              s.health.healthy(),
              s.health.reason(),
              s.health.since()));
    }
    DataPlane p = plane;
    long used = p == null ? 0 : p.arena().used();
    long limit = p == null ? 0 : p.arena().limit();
    return new Status(state, System.currentTimeMillis() - started, used, limit, components, plugins(), ledger.flows(), counters());
  }

  private List<Status.Plugin> plugins() {
    List<Status.Plugin> list = new ArrayList<>();
    for (PluginCatalog.Installed i : catalog.installed()) {
      PluginType t = i.type();
      Usage u = factory.usage(t);
      PluginCatalog.Used used = catalog.used(t);
      boolean active = used.uses() > 0 || slots.stream().anyMatch(s -> s.unit().filter(n -> n.type.plugin() == t.plugin()).isPresent());
      boolean best = catalog.find(t.kind(), t.name()).filter(b -> b.plugin() == t.plugin()).isPresent();
      String is = i.quarantine().isPresent() ? "quarantine" : active ? "active" : best ? "available" : "standby";
      list.add(
          new Status.Plugin(
              t.kind().name().toLowerCase(Locale.ROOT),
              t.name(),
              t.version(),
              t.bundle(),
              t.bundleId(),
              is,
              i.quarantine().orElse(""),
              u.calls.sum(),
              u.cpu.sum(),
              u.allocated.sum(),
              u.errors.sum() + used.failures()));
    }
    return list;
  }

  /** All counters by component and name, e.g. {@code receivers.otlp refused_requests}. */
  private Map<String, Long> counters() {
    Map<String, Long> read = new TreeMap<>();
    counters.forEach((name, n) -> read.put(name, n.sum()));
    return read;
  }

  @Override
  public void stop(Duration limit) {
    try {
      control.call(
          () -> {
            shutDown(limit);
            return null;
          });
    } catch (ConfigError e) {
      throw new IllegalStateException(e);
    }
  }

  private void shutDown(Duration limit) {
    if (state.equals("stopping")) return;
    state = "stopping";
    long end = System.nanoTime() + limit.toNanos();
    inlets.values().forEach(i -> i.slot.unit().ifPresent(Unit::close));
    if (plane != null) plane.stop(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    for (Outlet o : outlets.values()) o.drain(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    outlets.values().forEach(o -> o.slot.unit().ifPresent(Unit::close));
    transforms.values().forEach(s -> s.unit().ifPresent(Unit::close));
  }

  private void drain() {
    listening.close();
    stop(topology.map(Topology::shutdown).orElse(Duration.ofSeconds(1)));
  }

  @Deactivate
  void deactivate() {
    drain();
    control.stop();
  }
}
