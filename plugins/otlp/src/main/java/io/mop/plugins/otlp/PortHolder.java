package io.mop.plugins.otlp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Finds the process that listens on a port, as far as this process may see it: /proc/net/tcp and /proc/PID/fd. */
final class PortHolder {
  private static final String LISTEN = "0A";

  private PortHolder() {}

  /** E.g. {@code process 4711 (otelcol)}. */
  static Optional<String> find(InetSocketAddress address) {
    return find(Path.of("/proc"), address.getPort());
  }

  static Optional<String> find(Path proc, int port) {
    try {
      Set<String> sockets = new HashSet<>();
      for (String table : List.of("tcp", "tcp6")) sockets.addAll(listening(proc.resolve("net").resolve(table), port));
      if (sockets.isEmpty()) return Optional.empty();
      // This process first: a receiver configured twice is the usual case.
      Path self = proc.resolve("self");
      if (holds(self, sockets)) return Optional.of("this process, by another receiver");
      try (Stream<Path> processes = Files.list(proc)) {
        return processes.filter(p -> p.getFileName().toString().chars().allMatch(Character::isDigit))
            .filter(p -> holds(p, sockets)).findFirst()
            .map(p -> "process " + p.getFileName() + name(p));
      }
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
  }

  /** Links as in /proc/PID/fd of sockets that listen on the port, whatever their address. */
  private static Set<String> listening(Path table, int port) throws IOException {
    if (!Files.isReadable(table)) return Set.of();
    Set<String> found = new HashSet<>();
    String suffix = String.format(":%04X", port);
    for (String line : Files.readAllLines(table)) {
      String[] columns = line.trim().split("\\s+"); // sl local rem st queues timer retrnsmt uid timeout inode
      if (columns.length > 9 && columns[1].endsWith(suffix) && columns[3].equals(LISTEN)) {
        found.add("socket:[" + columns[9] + "]");
      }
    }
    return found;
  }

  private static boolean holds(Path process, Set<String> sockets) {
    try (Stream<Path> files = Files.list(process.resolve("fd"))) {
      return files.anyMatch(file -> sockets.contains(target(file)));
    } catch (IOException | UncheckedIOException e) {
      return false; // not ours to read, or gone
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private static String name(Path process) {
    try {
      return " (" + Files.readString(process.resolve("comm")).strip() + ")";
    } catch (IOException e) {
      return "";
    }
  }
}
