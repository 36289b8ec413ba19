package io.mop.engine;

import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides.Kind;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The plugin factories that bundles have registered; the highest bundle version of a kind and name wins. */
@Component(immediate = true, service = {PluginCatalog.class, Catalog.class})
public final class Catalog implements PluginCatalog {
  private final Map<ServiceReference<?>, Found> found = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** By plugin: the entry goes with it. */
  private final Map<Plugin<?>, Uses> uses = Collections.synchronizedMap(new WeakHashMap<>());

  private static final class Uses {
    final AtomicInteger open = new AtomicInteger();
    final LongAdder failures = new LongAdder();
  }

  private record Found(PluginType type, Version version, Optional<String> quarantine) {}

  @Activate
  public Catalog() {}

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void add(ServiceReference<Plugin<?>> reference, Plugin<?> plugin) {
    Kind kind = Kind.valueOf(String.valueOf(reference.getProperty("mop.kind")));
    String name = String.valueOf(reference.getProperty("mop.name"));
    Bundle bundle = reference.getBundle();
    found.put(
        reference,
        new Found(
            new PluginType(
                kind, name, bundle.getVersion().toString(), bundle.getSymbolicName(), bundle.getBundleId(), plugin),
            bundle.getVersion(),
            Optional.empty()));
    changed();
  }

  void remove(ServiceReference<Plugin<?>> reference) {
    if (found.remove(reference) != null) changed();
  }

  @Override
  public Optional<PluginType> find(Kind kind, String name) {
    return found.values().stream()
        .filter(f -> f.quarantine.isEmpty() && f.type.kind() == kind && f.type.name().equals(name))
        .max(Comparator.comparing(Found::version).thenComparing(f -> f.type.bundleId()))
        .map(Found::type);
  }

  @Override
  public List<PluginType> all() {
    List<PluginType> best = new ArrayList<>();
    for (Found f : found.values()) {
      find(f.type.kind(), f.type.name()).filter(b -> b == f.type).ifPresent(best::add);
    }
    best.sort(Comparator.comparing(PluginType::kind).thenComparing(PluginType::name));
    return best;
  }

  @Override
  public List<Installed> installed() {
    return found.values().stream()
        .sorted(
            Comparator.comparing((Found f) -> f.type.kind())
                .thenComparing(f -> f.type.name())
                .thenComparing(Found::version)
                .thenComparing(f -> f.type.bundleId()))
        .map(f -> new Installed(f.type, f.quarantine))
        .toList();
  }

  @Override
  public void quarantine(PluginType type, String reason) {
    mark(type, Optional.of(reason));
  }

  @Override
  public void release(PluginType type) {
    mark(type, Optional.empty());
  }

  private void mark(PluginType type, Optional<String> quarantine) {
    found.replaceAll((r, f) -> f.type == type ? new Found(f.type, f.version, quarantine) : f);
    changed();
  }

  @Override
  public Use use(PluginType type) {
    Uses of = uses.computeIfAbsent(type.plugin(), p -> new Uses());
    of.open.incrementAndGet();
    AtomicBoolean closed = new AtomicBoolean();
    return new Use() {
      @Override
      public void failed(long times) {
        of.failures.add(times);
      }

      @Override
      public void close() {
        if (closed.compareAndSet(false, true)) of.open.decrementAndGet();
      }
    };
  }

  @Override
  public Used used(PluginType type) {
    Uses of = uses.get(type.plugin());
    return of == null ? new Used(0, 0) : new Used(of.open.get(), of.failures.sum());
  }

  @Override
  public Listening onChange(Runnable changed) {
    listeners.add(changed);
    return () -> listeners.remove(changed);
  }

  private void changed() {
    listeners.forEach(Runnable::run);
  }
}
