package io.mop.launcher;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What to start.
 *
 * @param command {@code run}, {@code validate}, {@code schema} or {@code doctor}: the bundles' service {@code
 *     java.util.concurrent.Callable} with
 *     property {@code mop.main} of that value does the work
 * @param home the directory with {@code bundles/} and {@code features/}
 * @param feature name of a file in {@code features/}, without {@code .json}
 * @param config the file mop.yaml; {@code schema} does not read it
 * @param state a directory to keep, or empty for one that lives as long as the process
 * @param properties further framework properties, e.g. {@code mop.plugins}
 * @param waits whether MOP stays up, when the command returned 0, until SIGTERM or SIGINT
 */
public record Launch(
    String command, Path home, String feature, Path config, Optional<Path> state, Map<String, String> properties,
    boolean waits) {

  public static Launch run(Path home, String feature, Path config, Path state, Map<String, String> properties) {
    return new Launch("run", home, feature, config, Optional.of(state), Map.copyOf(properties), true);
  }

  /** Prints what mop.yaml may say; reads no configuration. */
  public static Launch schema(Path home, String feature) {
    return new Launch("schema", home, feature, Path.of("mop.yaml"), Optional.empty(), Map.of(), false);
  }

  /** Touches no state directory, so that a file can be checked beside a running MOP. */
  public static Launch validate(Path home, String feature, Path config) {
    return new Launch("validate", home, feature, config, Optional.empty(), Map.of(), false);
  }

  /** As {@link #validate}: what it looks at, also the state directory, is named by {@code properties}. */
  public static Launch doctor(Path home, String feature, Path config, Map<String, String> properties) {
    return new Launch("doctor", home, feature, config, Optional.empty(), Map.copyOf(properties), false);
  }
}
