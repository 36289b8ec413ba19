package io.mop.deploy.internal;

import io.mop.deploy.Installation;
import io.mop.deploy.Installation.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.felix.framework.Felix;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;

/** A Felix framework of its own with a deployer and a plugins directory. */
final class Bench {
  // Held, or the setting is lost: what a test expects is not for the log of the build.
  private static final Logger LOG = Logger.getLogger("io.mop.deploy");

  static final Duration WINDOW = Duration.ofSeconds(60);

  final Path plugins;
  final TestClock clock = new TestClock();
  final TestEngine engine;
  final BundleContext context;
  private final Path home;
  private final Felix framework;
  private final Trust.Policy trust;
  private final Duration limit;
  private DirectoryDeployer deployer;

  Bench(Path home, Trust.Policy trust, Duration limit) throws Exception {
    LOG.setLevel(Level.OFF);
    this.home = home;
    this.plugins = home.resolve("plugins");
    this.trust = trust;
    this.limit = limit;
    Map<String, Object> properties = new HashMap<>();
    properties.put(Constants.FRAMEWORK_STORAGE, home.resolve("felix").toString());
    properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
    properties.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
    properties.put(
        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
        "io.mop.api.plugin;version=1.0.0,io.mop.api.data;version=1.0.0,io.mop.engine;version=1.0.0");
    properties.put("felix.log.level", "1");
    framework = new Felix(properties);
    framework.start();
    context = framework.getBundleContext();
    engine = new TestEngine(context);
  }

  static Bench open(Path home) throws Exception {
    Bench bench = new Bench(home, Trust.Policy.OFF, Duration.ofSeconds(10));
    bench.start();
    return bench;
  }

  void start() throws IOException {
    Settings settings =
        new Settings(
            plugins, home.resolve("store"), trust, WINDOW, Duration.ofMillis(50), Duration.ofMillis(20), limit, clock);
    deployer = new DirectoryDeployer(settings, context, engine, engine);
  }

  void stop() throws Exception {
    deployer.close();
  }

  DirectoryDeployer deployer() {
    return deployer;
  }

  /** As {@code cp} does it. */
  void copy(String file, byte[] bytes) throws IOException {
    Files.write(plugins.resolve(file), bytes);
  }

  Optional<Installation> record(String file, State state) {
    return deployer.records().stream().filter(r -> r.file().equals(file) && r.state() == state).findFirst();
  }

  Installation await(String file, State state) {
    Await.until(deployer::records, () -> record(file, state).isPresent());
    return record(file, state).orElseThrow();
  }

  /** {@code file version state}, sorted. */
  List<String> states() {
    return deployer.records().stream().map(r -> r.file() + " " + r.version() + " " + r.state()).toList();
  }

  void awaitStates(String... states) {
    Await.until(() -> deployer.records() + " installed " + installed(), () -> states().equals(List.of(states)));
  }

  /** Versions of the installed plugin bundles, in the order of installation. */
  List<String> installed() {
    return Arrays.stream(context.getBundles())
        .filter(b -> b.getLocation().startsWith(Bundles.SCHEME))
        .map(b -> b.getVersion().toString())
        .toList();
  }

  void awaitInstalled(String... versions) {
    Await.until(() -> deployer.records() + " installed " + installed(), () -> installed().equals(List.of(versions)));
  }

  List<Bundle> bundles() {
    return List.of(context.getBundles());
  }

  void close() throws Exception {
    if (deployer != null) deployer.close();
    engine.close();
    framework.stop();
    framework.waitForStop(30_000);
  }
}
