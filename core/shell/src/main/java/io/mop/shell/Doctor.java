package io.mop.shell;

import static io.mop.control.Checks.Check.fail;
import static io.mop.control.Checks.Check.ok;
import static io.mop.control.Checks.Check.warn;

import io.mop.api.plugin.Provides.Kind;
import io.mop.config.Configuration;
import io.mop.control.Checks;
import io.mop.control.Checks.Check;
import io.mop.control.Checks.Result;
import io.mop.control.ConfigError;
import io.mop.control.PluginCatalog;
import io.mop.control.Topology;
import io.mop.deploy.Deployer;
import io.mop.deploy.Installation;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All checks, one after the other.
 *
 * @param state the state directory of {@code mop run}
 * @param config the configuration; empty = there is none
 * @param running the types of receivers of the MOP that this is; empty if it is not one that runs
 */
record Doctor(
    Path state,
    Optional<Path> config,
    Optional<Set<String>> running,
    PluginCatalog catalog,
    Optional<Deployer> deployer,
    List<Checks> others) {

  List<Check> run() {
    List<Check> checks = new ArrayList<>();
    checks.add(HostChecks.java());
    Set<String> receivers = running.orElseGet(() -> configuration(checks));
    checks.add(HostChecks.stateDirectory(state));
    checks.add(HostChecks.controlSocket(state));
    checks.add(plugins());
    checks.add(HostChecks.fileDescriptors());
    checks.add(HostChecks.clock(Instant.now(), Path.of("/sys/devices/system/clocksource/clocksource0")));
    for (Checks other : others) {
      try {
        for (Check c : other.run()) checks.add(weighed(c, receivers));
      } catch (RuntimeException | LinkageError e) {
        checks.add(fail(other.getClass().getSimpleName(), "could not be run: " + e));
      }
    }
    return checks;
  }

  /** A failure of what only a receiver needs that is not in use is none. */
  private static Check weighed(Check c, Set<String> receivers) {
    if (c.result() != Result.FAIL || c.neededBy().isEmpty() || receivers.contains(c.neededBy().get())) return c;
    return warn(
        c.name(), c.meaning() + " (needed by the receiver " + c.neededBy().get() + ", which is not configured)");
  }

  /** @return types of the receivers */
  private Set<String> configuration(List<Check> checks) {
    if (config.isEmpty()) {
      checks.add(warn("configuration", "there is none: name one with --config FILE, e.g. from \"mop init\""));
      return Set.of();
    }
    try {
      Topology topology = new Configuration().load(config.get(), catalog).topology();
      checks.add(ok("configuration", config.get() + " is valid"));
      List<Topology.Component> receivers =
          topology.components().stream().filter(c -> c.kind() == Kind.RECEIVER).toList();
      boolean runs = HostChecks.controlSocket(state).meaning().startsWith("a MOP is running");
      for (Topology.Component r : receivers) {
        for (String endpoint : ListenChecks.endpoints(r, catalog)) {
          checks.add(ListenChecks.port(r.path(), endpoint, runs));
        }
      }
      return Set.copyOf(receivers.stream().map(Topology.Component::type).distinct().toList());
    } catch (ConfigError e) {
      checks.add(fail("configuration", config.get() + ": " + String.join("; ", e.problems())));
      return Set.of();
    }
  }

  private Check plugins() {
    String name = "plugins directory";
    if (deployer.isEmpty()) return warn(name, PluginsCommand.NO_DEPLOYER);
    Optional<String> problem = deployer.get().problem();
    if (problem.isPresent()) return warn(name, problem.get());
    List<Installation> files = deployer.get().records();
    List<String> refused =
        files.stream().filter(f -> f.state() == Installation.State.REFUSED).map(Installation::file).toList();
    return refused.isEmpty()
        ? ok(name, files.isEmpty() ? "empty" : files.size() + " files, none refused")
        : warn(name, "refused: " + String.join(", ", refused) + "; \"mop plugins why FILE\" says why");
  }

  // ---- as text

  static String table(List<Check> checks) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("CHECK", "RESULT", "MEANING"));
    for (Check c : checks) {
      rows.add(List.of(c.name(), result(c), c.meaning().replaceAll("[\\p{Cntrl}\\s]+", " ").strip()));
    }
    return Table.of(rows, 3, 0);
  }

  static String json(List<Check> checks) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put(
        "checks",
        checks.stream()
            .map(
                c -> {
                  Map<String, Object> check = new LinkedHashMap<>();
                  check.put("check", c.name());
                  check.put("result", result(c));
                  check.put("meaning", c.meaning());
                  return check;
                })
            .toList());
    json.put("failed", failed(checks));
    return Json.of(json) + "\n";
  }

  private static String result(Check c) {
    return c.result().name().toLowerCase(Locale.ROOT);
  }

  static long failed(List<Check> checks) {
    return checks.stream().filter(c -> c.result() == Result.FAIL).count();
  }

  /** @throws IllegalArgumentException if there is no such output */
  static String print(List<Check> checks, String output) {
    return switch (output) {
      case "table" -> table(checks);
      case "json" -> json(checks);
      default -> throw new IllegalArgumentException("Output \"" + output + "\" is unknown: expected table or json.");
    };
  }

  /** One sentence; empty if nothing failed. */
  static Optional<String> verdict(List<Check> checks) {
    long failed = failed(checks);
    return failed == 0 ? Optional.empty() : Optional.of(failed + (failed == 1 ? " check failed." : " checks failed."));
  }
}
