package io.mop.api.net;

import io.mop.api.plugin.InvalidConfig;
import java.util.List;
import java.util.Optional;

/** What both TLS records check. */
final class TlsFiles {
  private static final List<String> VERSIONS = List.of("1.2", "1.3");

  private TlsFiles() {}

  /** At most, or exactly, one of {@code NAME_file} and {@code NAME_pem}. */
  static void oneOf(String name, Optional<?> file, Optional<?> pem, boolean needed) {
    if (file.isPresent() && pem.isPresent() || needed && file.isEmpty() && pem.isEmpty()) {
      throw new InvalidConfig(name + "_file", (needed ? "one" : "at most one") + " of " + name + "_file and " + name
          + "_pem");
    }
  }

  static void checkVersions(String min, Optional<String> max) {
    checkVersion("min_version", min);
    max.ifPresent(m -> checkVersion("max_version", m));
    if (max.isPresent() && max.get().compareTo(min) < 0) {
      throw new InvalidConfig("max_version", "a version that is not older than min_version " + min);
    }
  }

  private static void checkVersion(String key, String version) {
    if (!VERSIONS.contains(version)) throw new InvalidConfig(key, "1.2 or 1.3; older versions are not secure");
  }

  /** As the runtime names them. */
  static String[] protocols(String min, Optional<String> max) {
    return VERSIONS.stream().filter(v -> v.compareTo(min) >= 0 && v.compareTo(max.orElse("1.3")) <= 0)
        .map(v -> "TLSv" + v).toArray(String[]::new);
  }
}
