package io.mop.itest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A redis-server on a free loopback port, everything of it in one directory. */
final class RedisServer extends Server {
  private RedisServer(Path directory, int port, List<String> command) throws IOException {
    super(directory, port, command);
  }

  /**
   * Returns when it accepts connections. Skips the test on a machine without redis-server.
   *
   * @param directory is made
   */
  static RedisServer start(Path directory) {
    try {
      Files.createDirectories(directory);
      int port = Children.freePort();
      return new RedisServer(
          directory, port,
          List.of(binary("redis-server"), "--port", Integer.toString(port), "--bind", "127.0.0.1", "--save", "", "--dir",
              directory.toString()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A redis-cli or redis-benchmark that talks to this server. */
  ProcessBuilder tool(String name, String... arguments) {
    List<String> command = new ArrayList<>(List.of(binary(name), "-h", "127.0.0.1", "-p", Integer.toString(port())));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true);
  }

  /**
   * How often each command was carried out, by its name as {@code db.operation.name} has it; not this time.
   *
   * @param connection to this server
   */
  static Map<String, Integer> calls(RedisConnection connection) throws IOException {
    Map<String, Integer> calls = new TreeMap<>();
    for (String line : connection.call("INFO", "commandstats").split("\r\n")) {
      if (!line.startsWith("cmdstat_")) continue;
      String name = line.substring("cmdstat_".length(), line.indexOf(':')).toUpperCase().replace('|', ' ');
      calls.put(name, Integer.parseInt(line.substring(line.indexOf("calls=") + 6, line.indexOf(','))));
    }
    return calls;
  }
}
