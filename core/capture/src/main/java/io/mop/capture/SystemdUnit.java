package io.mop.capture;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The systemd service of a process, by its control group. */
final class SystemdUnit {
  private static final String SERVICE = ".service";
  private static final Pattern CONTAINER = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern ESCAPED = Pattern.compile("\\\\x([0-9a-f]{2})");
  /** Services that start programs of others and keep them in their control group. */
  private static final Set<String> STARTERS =
      Set.of(
          "atd", "containerd", "cron", "crond", "docker", "k3s", "kubelet", "podman", "rke2-server", "ssh", "sshd",
          "supervisor", "supervisord");

  private SystemdUnit() {}

  /**
   * Name of the innermost service without {@code .service}. Scopes, such as login sessions, are none, nor is what is
   * around a container.
   *
   * @param cgroups the text of /proc/PID/cgroup
   */
  static Optional<String> of(String cgroups) {
    return cgroups.lines()
        .filter(line -> line.startsWith("0::/") || line.contains(":name=systemd:/"))
        .flatMap(line -> service(line.substring(line.indexOf('/'))).stream())
        .findFirst();
  }

  private static Optional<String> service(String path) {
    String[] groups = path.split("/");
    for (int i = groups.length - 1; i >= 0; i--) {
      if (CONTAINER.matcher(groups[i]).find()) return Optional.empty();
      if (!groups[i].endsWith(SERVICE)) continue;
      String name = unescaped(groups[i].substring(0, groups[i].length() - SERVICE.length()));
      boolean names = !name.isEmpty() && !name.startsWith("user@") && !STARTERS.contains(name);
      return names ? Optional.of(name) : Optional.empty();
    }
    return Optional.empty();
  }

  private static String unescaped(String name) {
    return ESCAPED.matcher(name).replaceAll(m ->
        Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(m.group(1), 16))));
  }
}
