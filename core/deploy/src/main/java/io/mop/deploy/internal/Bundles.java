package io.mop.deploy.internal;

import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides.Kind;
import io.mop.control.Control;
import io.mop.control.PluginCatalog;
import io.mop.control.PluginCatalog.Installed;
import io.mop.control.PluginType;
import io.mop.deploy.Refusal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/** Plugin bundles in the framework and what the engine makes of them. */
final class Bundles {
  /** Locations are {@code mop-plugin:<symbolic name>#<sha256>}. */
  static final String SCHEME = "mop-plugin:";

  private static final System.Logger LOG = System.getLogger("io.mop.deploy");

  private final BundleContext context;
  private final PluginCatalog catalog;
  private final Control control;
  private final Duration limit;

  /** @param limit on the start or stop of a bundle */
  Bundles(BundleContext context, PluginCatalog catalog, Control control, Duration limit) {
    this.context = context;
    this.catalog = catalog;
    this.control = control;
    this.limit = limit;
  }

  /** What an earlier deployer of this framework has installed. */
  List<Held> installed() {
    return Arrays.stream(context.getBundles())
        .filter(b -> b.getLocation().startsWith(SCHEME))
        .map(
            b ->
                new Held(
                    b,
                    b.getLocation().substring(b.getLocation().lastIndexOf('#') + 1),
                    new Candidate.Rank(b.getVersion(), 0, ""),
                    ""))
        .toList();
  }

  Held install(Candidate candidate, Path copy) throws Refusal {
    String location = SCHEME + candidate.name() + "#" + candidate.sha256;
    try (InputStream in = Files.newInputStream(copy)) {
      Bundle bundle = context.installBundle(location, in);
      return new Held(bundle, candidate.sha256, candidate.rank(), candidate.trust().text());
    } catch (BundleException e) {
      throw new Refusal(candidate.file + " cannot be installed: " + Sentences.of((Throwable) e));
    } catch (IOException e) {
      throw new Refusal(candidate.file + " cannot be read: " + Sentences.of(e));
    }
  }

  /** Starts it; returns when it has registered its plugin and the engine has taken or refused it. */
  void start(Held held) throws Refusal {
    try {
      bounded("start", held, () -> held.bundle.start(Bundle.START_TRANSIENT));
    } catch (BundleException e) {
      boolean unresolved = e.getType() == BundleException.RESOLVE_ERROR;
      throw new Refusal(
          held.file() + (unresolved ? " does not resolve: " : " does not start: ") + Sentences.of((Throwable) e));
    }
    settle();
    if (types(held).isEmpty()) throw new Refusal(held.file() + " registers no plugin: " + whyNone(held));
  }

  private static String whyNone(Held held) {
    ServiceReference<?>[] services = held.bundle.getRegisteredServices();
    List<ServiceReference<?>> plugins =
        services == null
            ? List.of()
            : Arrays.stream(services)
                .filter(s -> List.of((Object[]) s.getProperty(Constants.OBJECTCLASS)).contains(Plugin.class.getName()))
                .toList();
    if (plugins.isEmpty()) return "none of its components is a satisfied io.mop.api.plugin.Plugin";
    Object kind = plugins.get(0).getProperty("mop.kind");
    Object name = plugins.get(0).getProperty("mop.name");
    if (kind == null || name == null) {
      return "its Plugin service has no mop.kind and mop.name; annotate the class with @Provides";
    }
    if (Arrays.stream(Kind.values()).noneMatch(k -> k.name().equals(kind.toString()))) {
      return "its mop.kind is " + kind + ", expected one of " + Arrays.toString(Kind.values());
    }
    return "its Plugin class could not be made; the log says why";
  }

  /** Stops it, lets the engine let go of it, and uninstalls it. */
  void discard(Held held) {
    if (held.bundle.getState() == Bundle.UNINSTALLED) return;
    try {
      bounded(
          "stop",
          held,
          () -> {
            held.bundle.stop(Bundle.STOP_TRANSIENT);
            try {
              control.settle();
            } finally {
              held.bundle.uninstall();
            }
          });
    } catch (BundleException | Refusal e) {
      LOG.log(System.Logger.Level.WARNING, name(held) + " is still installed: " + e.getMessage());
    }
  }

  /** Lets the engine finish what earlier changes caused. */
  void settle() throws Refusal {
    try {
      control.settle();
    } catch (RuntimeException e) {
      throw new Refusal("the engine cannot change plugins now: " + Sentences.of(e));
    }
  }

  private List<Installed> entries(Held held) {
    return catalog.installed().stream().filter(i -> i.type().bundleId() == held.bundle.getBundleId()).toList();
  }

  List<PluginType> types(Held held) {
    return entries(held).stream().map(Installed::type).toList();
  }

  /** E.g. {@code processors.rename}, sorted. */
  List<String> plugins(Held held) {
    return types(held).stream().map(Bundles::path).sorted().toList();
  }

  private static String path(PluginType type) {
    return type.kind().name().toLowerCase(Locale.ROOT) + "s." + type.name();
  }

  /** Why the engine does not use it or a part of it. */
  Optional<String> quarantine(Held held) {
    String reasons =
        entries(held).stream().flatMap(i -> i.quarantine().stream()).distinct().collect(Collectors.joining("; "));
    return reasons.isEmpty() ? Optional.empty() : Optional.of(reasons);
  }

  void quarantine(Held held, String reason) {
    types(held).forEach(t -> catalog.quarantine(t, reason));
  }

  void release(Held held) {
    entries(held).stream().filter(i -> i.quarantine().isPresent()).forEach(i -> catalog.release(i.type()));
  }

  /** What is used in its place, e.g. {@code processors.rename is io.acme.rename 2.0.0}; empty if it is used. */
  Optional<String> preferred(Held held) {
    List<String> others = new ArrayList<>();
    for (PluginType type : types(held)) {
      Optional<PluginType> best = catalog.find(type.kind(), type.name());
      if (best.isEmpty() || best.get().bundleId() == held.bundle.getBundleId()) return Optional.empty();
      others.add(path(type) + " is " + best.get().bundle() + " " + best.get().version());
    }
    return others.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", others));
  }

  private static String name(Held held) {
    return held.name + " " + held.version;
  }

  private interface Step {
    void run() throws BundleException;
  }

  /** Runs a step that calls the plugin's code on a thread of its own: it may never return, or finish late. */
  private void bounded(String verb, Held held, Step step) throws BundleException, Refusal {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              step.run();
              return null;
            });
    Thread thread = new Thread(task, "mop-deploy-" + verb + " " + name(held));
    thread.setDaemon(true);
    thread.start();
    try {
      task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new Refusal(held.file() + " did not " + verb + " within " + limit.toMillis() + " ms");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(held.file() + ": interrupted");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BundleException b) throw b;
      throw new Refusal(held.file() + " did not " + verb + ": " + Sentences.of(e));
    }
  }
}
