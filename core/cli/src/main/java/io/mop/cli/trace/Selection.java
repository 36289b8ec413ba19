package io.mop.cli.trace;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import jakarta.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Which processes are watched.
 *
 * @param command pid of the process that becomes the traced command
 */
record Selection(List<Integer> pids, List<Integer> ports, List<String> exes, OptionalLong command) {
  /** PID_MAX_LIMIT of 64-bit kernels. */
  private static final int PIDS = 1 << 22;

  Selection {
    pids = List.copyOf(pids);
    ports = List.copyOf(ports);
    exes = List.copyOf(exes);
  }

  /** @throws CommandException for what can be no process, or is none */
  void check() throws CommandException {
    for (int port : ports) {
      if (port < 1 || port > 65535) throw usage("--port: expected 1 to 65535, got " + port + ".");
    }
    for (String exe : exes) if (exe.isBlank()) throw usage("--exe: expected a path or pattern, such as */nginx.");
    for (int pid : pids) {
      if (pid < 2 || pid >= PIDS) throw usage("--pid: expected 2 to " + (PIDS - 1) + ", got " + pid + ".");
    }
    for (int pid : pids) {
      if (!Files.exists(Path.of("/proc", Integer.toString(pid)))) {
        throw new CommandException(ExitCode.NOT_FOUND, "There is no process " + pid + ".");
      }
    }
  }

  private static CommandException usage(String sentence) {
    return new CommandException(ExitCode.USAGE, sentence);
  }

  boolean empty() {
    return pids.isEmpty() && ports.isEmpty() && exes.isEmpty();
  }

  /** Whether nothing can be seen any more when the processes of {@link #pids} have ended. */
  boolean endsWithPids() {
    return !pids.isEmpty() && ports.isEmpty() && exes.isEmpty();
  }

  /** The value of the receiver's key {@code select}. */
  String rules() {
    List<String> rules = new ArrayList<>();
    command.ifPresent(pid -> rules.add("{ pid: " + pid + " }"));
    pids.forEach(pid -> rules.add("{ pid: " + pid + " }"));
    ports.forEach(port -> rules.add("{ port: " + port + " }"));
    exes.forEach(exe -> rules.add("{ exe: " + quoted(exe) + " }"));
    return "[ " + String.join(", ", rules) + " ]";
  }

  /** A text of JSON is one of YAML; a dollar sign is doubled, as it would begin a substitution. */
  static String quoted(String text) {
    return Json.createValue(text.replace("$", "$$")).toString();
  }

  /** E.g. {@code port 8080, pid 4711}. */
  @Override
  public String toString() {
    List<String> names = new ArrayList<>();
    if (command.isPresent()) names.add("the command");
    pids.forEach(pid -> names.add("pid " + pid));
    ports.forEach(port -> names.add("port " + port));
    names.addAll(exes);
    return String.join(", ", names);
  }
}
