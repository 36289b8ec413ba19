package io.mop.cli.trace;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Who asked for MOP: through {@code sudo} the user who called it, else the user of this process. What is run for them
 * has none of the privileges that MOP was given.
 */
final class Invoker {
  private final List<String> prefix;
  private final Map<String, String> changes;

  private Invoker(List<String> prefix, Map<String, String> changes) {
    this.prefix = prefix;
    this.changes = changes;
  }

  /** @param env of this process, {@code SUDO_UID} among them if it was started by sudo */
  static Invoker of(Map<String, String> env, boolean root) throws CommandException, IOException, InterruptedException {
    String uid = env.getOrDefault("SUDO_UID", "");
    if (root && (uid.isEmpty() || uid.equals("0"))) return new Invoker(List.of(), Map.of());
    List<String> setpriv =
        new ArrayList<>(List.of(setpriv(env).toString(), "--inh-caps", "-all", "--ambient-caps", "-all"));
    if (!root) return new Invoker(setpriv, Map.of());
    String gid = env.getOrDefault("SUDO_GID", "");
    if (!uid.matches("\\d{1,10}") || !gid.matches("\\d{1,10}")) {
      throw new CommandException(
          ExitCode.DENIED,
          "CMD is to run as the user who called sudo, but SUDO_UID and SUDO_GID do not say who that is.");
    }
    Optional<String[]> entry = passwd(uid);
    setpriv.addAll(List.of("--reuid", uid, "--regid", gid, entry.isPresent() ? "--init-groups" : "--clear-groups"));
    Map<String, String> changes = new HashMap<>();
    changes.put("HOME", entry.map(e -> e[5]).orElse("/"));
    for (String name : List.of("USER", "LOGNAME")) changes.put(name, entry.map(e -> e[0]).orElse(uid));
    return new Invoker(setpriv, changes);
  }

  private static Path setpriv(Map<String, String> env) throws CommandException {
    return Stream.of((env.getOrDefault("PATH", "") + ":/usr/bin:/bin").split(":"))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, "setpriv"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new CommandException(
            ExitCode.NOT_FOUND,
            "CMD is to run without the privileges of MOP, for which there is no setpriv: install the package"
                + " util-linux."));
  }

  /** The user's line of passwd(5), wherever users are kept. */
  private static Optional<String[]> passwd(String uid) throws IOException, InterruptedException {
    Process getent = new ProcessBuilder("getent", "passwd", uid).start();
    String[] fields = new String(getent.getInputStream().readAllBytes()).strip().split(":", -1);
    return getent.waitFor() == 0 && fields.length >= 7 ? Optional.of(fields) : Optional.empty();
  }

  /** What goes before the command's words. */
  List<String> prefix() {
    return prefix;
  }

  /** The environment as the user's, as far as sudo changed it and it is known what it was. */
  void adapt(Map<String, String> env) {
    if (changes.isEmpty()) return;
    env.keySet().removeIf(name -> name.startsWith("SUDO_"));
    env.putAll(changes);
  }
}
