package io.mop.itest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A redis-server on a free loopback port, everything of it in one directory. */
final class RedisServer implements AutoCloseable {
  private final Process process;
  private final Path output;
  private final int port;

  private RedisServer(Process process, Path output, int port) {
    this.process = process;
    this.output = output;
    this.port = port;
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
      Path output = directory.resolve("output.log");
      String text = Integer.toString(port);
      Process process =
          new ProcessBuilder(binary("redis-server"), "--port", text, "--bind", "127.0.0.1", "--save", "", "--dir",
                  directory.toString())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      RedisServer server = new RedisServer(process, output, port);
      Await.until("redis-server accepts", server::accepts, () -> {
        process.destroyForcibly();
        return server.log();
      });
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String binary(String name) {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(d -> Path.of(d, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseGet(() -> Assumptions.abort("needs " + name + " on PATH"))
        .toString();
  }

  private boolean accepts() {
    try {
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      return true;
    } catch (IOException e) {
      if (!process.isAlive()) throw new AssertionError("redis-server ended: " + log());
      return false;
    }
  }

  private String log() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  /** A redis-cli or redis-benchmark that talks to this server. */
  ProcessBuilder tool(String name, String... arguments) {
    List<String> command = new ArrayList<>(List.of(binary(name), "-h", "127.0.0.1", "-p", Integer.toString(port)));
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

  @Override
  public void close() {
    if (process.isAlive()) Children.stop(process);
  }
}
