package io.mop.capture;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The container of a process, by the names that container engines give to control groups: {@code docker/ID}, {@code
 * docker-ID.scope}, {@code cri-containerd-ID.scope}, {@code kubepods/…/pod…/ID}, {@code …slice:cri-containerd:ID}, {@code
 * crio-ID.scope}, {@code libpod-ID.scope} and the like.
 */
final class ContainerId {
  /** Not of a monitor, which runs outside, nor of a unit other than a scope, such as a health check's service. */
  private static final Pattern GROUP = Pattern.compile("(?<engine>.*[-:])?(?<id>[0-9a-f]{64})(?:\\.scope)?");

  private ContainerId() {}

  /**
   * The id, 64 hexadecimal digits, of the innermost container.
   *
   * @param cgroups the text of /proc/PID/cgroup, of cgroup v2, v1 or both
   */
  static Optional<String> of(String cgroups) {
    return cgroups.lines().map(ContainerId::path).map(ContainerId::innermost).flatMap(Optional::stream).findFirst();
  }

  /** What follows {@code 0::} or {@code 4:memory:}. */
  private static String path(String line) {
    return line.substring(line.indexOf(':', line.indexOf(':') + 1) + 1);
  }

  private static Optional<String> innermost(String path) {
    String[] groups = path.split("/");
    for (int i = groups.length - 1; i >= 0; i--) {
      Matcher m = GROUP.matcher(groups[i]);
      if (!m.matches()) continue;
      String engine = m.group("engine");
      return engine != null && engine.contains("conmon") ? Optional.empty() : Optional.of(m.group("id"));
    }
    return Optional.empty();
  }
}
