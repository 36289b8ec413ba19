package io.mop.deploy.internal;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.osgi.framework.BundleContext;

/**
 * What the deployer is told.
 *
 * @param plugins the directory
 * @param store for private copies of the files
 * @param window how long a replaced version stays installed
 * @param poll between two looks when nothing announces a change
 * @param settle how long a file must be unchanged
 * @param limit on the start or stop of a bundle
 */
record Settings(
    Path plugins,
    Path store,
    Trust.Policy trust,
    Duration window,
    Duration poll,
    Duration settle,
    Duration limit,
    InstantSource clock) {

  /**
   * From the framework properties {@code mop.plugins} (default {@code <mop.home>/plugins}) and {@code
   * mop.plugins.trust} (default {@code warn}).
   */
  static Settings of(BundleContext context) {
    String plugins = context.getProperty("mop.plugins");
    String home = context.getProperty("mop.home");
    String trust = context.getProperty("mop.plugins.trust");
    return new Settings(
        (plugins != null ? Path.of(plugins) : Path.of(home != null ? home : "", "plugins")).toAbsolutePath(),
        context.getDataFile("plugins").toPath(),
        trust == null ? Trust.Policy.WARN : Trust.Policy.of(trust),
        Duration.ofSeconds(60),
        Duration.ofMillis(500),
        Duration.ofMillis(250),
        Duration.ofSeconds(10),
        InstantSource.system());
  }
}
