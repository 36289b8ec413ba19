package io.mop.engine;

import io.mop.api.plugin.Provides.Kind;
import io.mop.control.Changes;
import io.mop.control.ConfigError;
import io.mop.control.Control;
import io.mop.control.DirectMemory;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import io.mop.control.Status;
import io.mop.control.Tap;
import io.mop.control.Topology;
import io.mop.control.Vitals;
import io.mop.api.plugin.Size;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
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
  private final Map<String, Tally> counters = PartContext.counters();
  private final long started = System.currentTimeMillis();
  private final ControlThread control = new ControlThread();
  private final Relief relief = new Relief(control, this::relieve);
  private final AtomicLong applied = new AtomicLong();

  // Written on the control thread.
  private volatile Assembly assembly = Assembly.EMPTY;
  private volatile DataPlane plane;
  private Swaps swaps;
  private Departures departures;
  private volatile String state = "idle";

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
    apply(next, false);
  }

  @Override
  public Changes apply(Topology next, boolean discardState) throws ConfigError {
    return control.call(
        () -> {
          if (state.equals("stopping")) throw new IllegalStateException("MOP is stopping");
          checkMemory(next.memory());
          if (plane == null) {
            plane =
                new DataPlane(
                    next.memory().bytes(), laneCount, ledger, counters, soft, hard, this::tripped, relief::pressed);
            swaps = new Swaps(catalog, factory, plane, this::graph, control.timer(), this::reconcile);
            departures = new Departures(plane, control::execute);
          }
          Changes changes = change(next, discardState);
          applied.incrementAndGet();
          return changes;
        });
  }

  /** Batches live in direct memory, and the process has a limit for that. */
  private static void checkMemory(Size memory) throws ConfigError {
    long limit = DirectMemory.limit();
    if (memory.bytes() > limit) {
      throw new ConfigError(
          List.of(
              "service.memory: " + (memory.bytes() >> 20) + " MiB is more than the " + (limit >> 20)
                  + " MiB of direct memory that this process may take: set MOP_DIRECT_MEMORY, e.g. to "
                  + ((memory.bytes() >> 20) + 64) + "m"));
    }
  }

  // ---- on the control thread

  /** On an error all is as before. */
  private Changes change(Topology next, boolean discardState) throws ConfigError {
    departures.await();
    Assembly before = assembly;
    Reload reload = new Reload(plane, factory, catalog, before, next, discardState);
    assembly = reload.run();
    plane.arena().limit(next.memory().bytes());
    state = "running";
    if (!before.isEmpty()) {
      departures.replaced(reload.oldTransforms, reload.oldExporters);
      departures.removed(before, assembly, this::settled);
    }
    Changes changes = reload.changes();
    if (!before.isEmpty() && !changes.none()) {
      LOG.log(
          System.Logger.Level.INFO,
          "added " + changes.added() + ", replaced " + changes.replaced() + ", removed " + changes.removed());
    }
    reconcile(); // what was tripped, came or went meanwhile
    return changes;
  }

  /** No lane holds anything any more that only the topology before takes. */
  private CompletableFuture<Void> settled() {
    assembly = assembly.alone();
    return plane.publish(graph());
  }

  /** What the slots hold now; the receivers' doors see it at once. */
  private Graph graph() {
    Graph next = assembly.graph(plane, Slot::unit);
    assembly.inlets().values().forEach(i -> i.entry().graph(next));
    return next;
  }

  /** Every slot gets the best version of its plugin. */
  private void reconcile() {
    if (!state.equals("running")) return;
    Assembly now = assembly;
    now.transforms().values().forEach(swaps::processor);
    now.outlets().values().forEach(swaps::exporter);
    now.inlets().values().forEach(i -> swaps.receiver(i.slot(), i.entry()));
    relief.pressed(); // bounds may be others, and a new version of a receiver reads
  }

  /** Whether pressure is to be looked at again. */
  private boolean relieve() {
    boolean again = false;
    if (!state.equals("running")) return again;
    for (Inlet inlet : assembly.inlets().values()) again |= inlet.pressure().look();
    return again;
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
    assembly.slots().stream().filter(s -> s.path().equals(path)).forEach(Slot::discardState);
  }

  @Override
  public void count(String component, String name) {
    counters.computeIfAbsent(component + ' ' + name, k -> Tally.of("", "")).sum().increment();
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
    for (Slot<?> s : assembly.slots()) {
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
    return new Status(
        state, System.currentTimeMillis() - started, used, limit, components, plugins(), ledger.flows(), counters());
  }

  @Override
  public Vitals vitals() {
    DataPlane p = plane;
    List<String> closed = new ArrayList<>();
    Map<String, Vitals.Queue> queues = new LinkedHashMap<>();
    Assembly now = assembly;
    for (Inlet inlet : now.inlets().values()) {
      Slot<?> s = inlet.slot();
      if (s.unit().isEmpty()) closed.add(s.path() + " is missing: " + s.health.reason());
      else if (inlet.pressure().paused()) closed.add(s.path() + ": " + s.health.reason());
    }
    for (Graph.Run run : p == null ? List.<Graph.Run>of() : p.graph().runs()) {
      run.closed().ifPresent(closed::add);
      for (Outlet o : run.outlets) queues.computeIfAbsent(o.slot.path(), path -> o.read());
    }
    Map<String, Vitals.Described> described = new TreeMap<>();
    counters.forEach((name, n) -> described.put(name, new Vitals.Described(n.unit(), n.description())));
    return new Vitals(
        control.sinceBeat(),
        now.topology().map(Topology::hash).orElse(""),
        applied.get(),
        p == null ? 0 : p.arena().free(),
        List.copyOf(closed),
        List.copyOf(queues.values()),
        described);
  }

  private List<Status.Plugin> plugins() {
    List<Status.Plugin> list = new ArrayList<>();
    for (PluginCatalog.Installed i : catalog.installed()) {
      PluginType t = i.type();
      Usage u = factory.usage(t);
      PluginCatalog.Used used = catalog.used(t);
      boolean filled =
          assembly.slots().stream().anyMatch(s -> s.unit().filter(n -> n.type.plugin() == t.plugin()).isPresent());
      boolean active = filled || used.uses() > 0;
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
    counters.forEach((name, n) -> read.put(name, n.sum().sum()));
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
    Assembly now = assembly;
    now.inlets().values().forEach(i -> i.slot().unit().ifPresent(Unit::close));
    if (plane != null) plane.stop(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
    for (Outlet o : now.outlets().values()) o.drain(Duration.ofNanos(Math.max(0, end - System.nanoTime())), "shutdown");
    if (departures != null) departures.stop(end);
    now.outlets().values().forEach(Outlet::close);
    now.transforms().values().forEach(s -> s.unit().ifPresent(Unit::close));
  }

  private void drain() {
    listening.close();
    stop(assembly.shutdown());
  }

  @Deactivate
  void deactivate() {
    drain();
    control.stop();
  }
}
