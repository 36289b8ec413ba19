package io.mop.launcher;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.felix.framework.Felix;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.util.tracker.ServiceTracker;

/** Felix with the bundles of a feature. */
final class OsgiRuntime implements AutoCloseable {
  private static final Logger LOG = System.getLogger("io.mop.launcher");

  private final Framework framework;
  private final List<String> problems;

  private OsgiRuntime(Framework framework, List<String> problems) {
    this.framework = framework;
    this.problems = problems;
  }

  /** Installs and starts all bundles; one that does not start is reported and the others go on. */
  static OsgiRuntime start(Feature feature, Path bundles, Map<String, Object> properties) throws LaunchException {
    properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
    properties.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, "sun.misc");
    // A plugin's identity is its digest: a rebuilt snapshot must be installable beside the old one.
    properties.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
    properties.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(100));
    properties.put("felix.log.logger", new FelixLog());
    properties.put("felix.log.level", "2");
    OsgiRuntime osgi = new OsgiRuntime(new Felix(properties), new ArrayList<>());
    try {
      osgi.start(feature, bundles);
      return osgi;
    } catch (BundleException e) {
      osgi.close();
      throw new LaunchException(1, "The OSGi framework did not start: " + FelixLog.sentence(e) + ".");
    }
  }

  private void start(Feature feature, Path bundles) throws BundleException {
    framework.init();
    List<Bundle> installed = install(feature, bundles);
    framework.start();
    Map<Bundle, String> failures = startBundles(installed);
    for (Bundle bundle : framework.getBundleContext().getBundles()) {
      report(bundle, failures.get(bundle));
    }
    problems.forEach(problem -> LOG.log(Level.WARNING, problem));
  }

  private List<Bundle> install(Feature feature, Path bundles) {
    BundleContext context = framework.getBundleContext();
    List<Bundle> installed = new ArrayList<>();
    for (Feature.Entry entry : feature.bundles()) {
      Path file = bundles.resolve(entry.file());
      if (!Files.isRegularFile(file)) {
        problems.add(
            "Bundle " + entry.artifact() + " " + entry.version() + " is missing: there is no file " + file + ".");
        continue;
      }
      try {
        Bundle bundle = context.installBundle("reference:" + file.toUri());
        bundle.adapt(BundleStartLevel.class).setStartLevel(entry.startOrder());
        installed.add(bundle);
      } catch (BundleException e) {
        problems.add("Bundle " + entry.artifact() + " " + entry.version() + " cannot be installed: "
            + FelixLog.sentence(e) + ".");
      }
    }
    return installed;
  }

  /**
   * By start order, each by itself: its exception says why it did not start. If the framework started them on its way
   * to the start level, the reason would come with an event, which may be later than the report.
   */
  private static Map<Bundle, String> startBundles(List<Bundle> installed) {
    Map<Bundle, String> failures = new HashMap<>();
    installed.stream()
        .filter(bundle -> !fragment(bundle))
        .sorted(Comparator.comparingInt(bundle -> bundle.adapt(BundleStartLevel.class).getStartLevel()))
        .forEach(
            bundle -> {
              try {
                bundle.start(Bundle.START_ACTIVATION_POLICY);
              } catch (BundleException e) {
                failures.put(bundle, FelixLog.sentence(e));
              }
            });
    return failures;
  }

  private void report(Bundle bundle, String failure) {
    boolean lazy = bundle.getState() == Bundle.STARTING
        && bundle.getHeaders("").get(Constants.BUNDLE_ACTIVATIONPOLICY) != null;
    if (bundle.getState() != Bundle.ACTIVE && !lazy && !fragment(bundle)) {
      problems.add("Bundle " + bundle.getSymbolicName() + " " + bundle.getVersion() + " is " + state(bundle) + ": "
          + (failure == null ? "no reason given" : failure) + ".");
    }
  }

  private static boolean fragment(Bundle bundle) {
    return (bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) != 0;
  }

  private static String state(Bundle bundle) {
    return switch (bundle.getState()) {
      case Bundle.INSTALLED -> "not resolved";
      case Bundle.RESOLVED -> "not started";
      case Bundle.STARTING -> "still starting";
      default -> "stopped";
    };
  }

  /** One sentence a bundle that is not there or is not active. */
  List<String> problems() {
    return problems;
  }

  /** The command's service, waited for because a component may be activated late. */
  Callable<?> main(String command, Duration limit) throws LaunchException, InterruptedException {
    ServiceTracker<Object, Object> tracker = tracker(command);
    tracker.open();
    try {
      if (tracker.waitForService(limit.toMillis()) instanceof Callable<?> main) {
        return main;
      }
    } finally {
      tracker.close();
    }
    throw new LaunchException(
        1,
        "No bundle of the feature offers the command \"" + command + "\" (a service java.util.concurrent.Callable with"
            + " mop.main=" + command + ")"
            + (problems.isEmpty() ? "." : "; not in order: " + String.join(" ", problems)));
  }

  /** The command's service, or null. */
  Callable<?> find(String command) {
    ServiceTracker<Object, Object> tracker = tracker(command);
    tracker.open();
    try {
      return tracker.getService() instanceof Callable<?> main ? main : null;
    } finally {
      tracker.close();
    }
  }

  private ServiceTracker<Object, Object> tracker(String command) {
    try {
      return new ServiceTracker<>(
          framework.getBundleContext(),
          FrameworkUtil.createFilter(
              "(&(objectClass=java.util.concurrent.Callable)(mop.main=" + command + "))"),
          null);
    } catch (InvalidSyntaxException e) {
      throw new IllegalArgumentException("\"" + command + "\" is not a command", e);
    }
  }

  @Override
  public void close() throws LaunchException {
    try {
      framework.stop();
      // No limit here: what may take long, draining, has its own, and a second signal ends the process.
      framework.waitForStop(0);
    } catch (BundleException e) {
      throw new LaunchException(1, "The OSGi framework did not stop: " + FelixLog.sentence(e) + ".");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LaunchException(1, "MOP was interrupted while the OSGi framework stopped.");
    }
  }
}
