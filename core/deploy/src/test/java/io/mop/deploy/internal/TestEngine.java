package io.mop.deploy.internal;

import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides.Kind;
import io.mop.control.Control;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginType;
import io.mop.control.Status;
import io.mop.control.Topology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;
import org.osgi.util.tracker.ServiceTracker;

/**
 * An engine that uses every plugin there is: the best version not in quarantine, as the real one does, without
 * pipelines. Says what it used in which order and what was taken away from it while in use.
 */
final class TestEngine implements Control, PluginCatalog, AutoCloseable {
  /** E.g. {@code 1.0.0}, {@code none}, in the order of use of {@code processors.rename}. */
  final List<String> used = new CopyOnWriteArrayList<>();

  /** Versions whose service went away while they were in use. */
  final List<String> withdrawn = new CopyOnWriteArrayList<>();

  /** Versions that it will not take, and why. */
  final Map<String, String> refuses = new LinkedHashMap<>();

  private final Map<ServiceReference<?>, Installed> found = new LinkedHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private final ServiceTracker<Object, PluginType> tracker;
  private Optional<PluginType> current = Optional.empty();

  TestEngine(BundleContext context) {
    tracker =
        new ServiceTracker<>(context, Plugin.class.getName(), null) {
          @Override
          public PluginType addingService(ServiceReference<Object> reference) {
            return came(reference, (Plugin<?>) context.getService(reference));
          }

          @Override
          public void removedService(ServiceReference<Object> reference, PluginType type) {
            gone(reference);
            context.ungetService(reference);
          }
        };
    tracker.open();
  }

  private PluginType came(ServiceReference<?> reference, Plugin<?> plugin) {
    Object kind = reference.getProperty("mop.kind");
    Object name = reference.getProperty("mop.name");
    if (kind == null || name == null || !kind.equals("PROCESSOR")) return null;
    Bundle bundle = reference.getBundle();
    PluginType type =
        new PluginType(
            Kind.PROCESSOR, name.toString(), bundle.getVersion().toString(), bundle.getSymbolicName(),
            bundle.getBundleId(), plugin);
    synchronized (this) {
      found.put(reference, new Installed(type, Optional.empty()));
    }
    changed();
    return type;
  }

  private void gone(ServiceReference<?> reference) {
    synchronized (this) {
      Installed removed = found.remove(reference);
      if (removed == null) return;
      if (current.filter(c -> c.bundleId() == removed.type().bundleId()).isPresent()) {
        withdrawn.add(removed.type().version());
      }
    }
    changed();
  }

  private void changed() {
    listeners.forEach(Runnable::run);
  }

  @Override
  public synchronized void settle() {
    while (true) {
      Optional<PluginType> best = find(Kind.PROCESSOR, "rename");
      if (best.map(PluginType::bundleId).equals(current.map(PluginType::bundleId))) return;
      if (best.isPresent() && refuses.containsKey(best.get().version())) {
        quarantine(best.get(), refuses.get(best.get().version()));
        continue;
      }
      // What a swap does: the plugin's classes are used.
      best.ifPresent(b -> b.plugin().create(null, null).close());
      current = best;
      used.add(best.map(PluginType::version).orElse("none"));
      return;
    }
  }

  /** As when a version fails after it took over: the next best is used at once. */
  void trip(String version, String reason) {
    synchronized (this) {
      installed().stream().filter(i -> i.type().version().equals(version)).forEach(i -> quarantine(i.type(), reason));
      settle();
    }
    changed();
  }

  @Override
  public synchronized Optional<PluginType> find(Kind kind, String name) {
    return found.values().stream()
        .filter(i -> i.quarantine().isEmpty())
        .map(Installed::type)
        .filter(t -> t.kind() == kind && t.name().equals(name))
        .max(Comparator.<PluginType, Version>comparing(t -> new Version(t.version()))
            .thenComparing(PluginType::bundleId));
  }

  @Override
  public synchronized List<Installed> installed() {
    return new ArrayList<>(found.values());
  }

  @Override
  public synchronized void quarantine(PluginType type, String reason) {
    found.replaceAll((r, i) -> i.type().bundleId() == type.bundleId() ? new Installed(type, Optional.of(reason)) : i);
  }

  @Override
  public void release(PluginType type) {
    synchronized (this) {
      found.replaceAll((r, i) -> i.type().bundleId() == type.bundleId() ? new Installed(type, Optional.empty()) : i);
    }
    changed();
  }

  @Override
  public Listening onChange(Runnable changed) {
    listeners.add(changed);
    return () -> listeners.remove(changed);
  }

  int listeners() {
    return listeners.size();
  }

  @Override
  public List<PluginType> all() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void apply(Topology topology) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void discardState(String path) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Status status() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void stop(Duration limit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    tracker.close();
  }
}
