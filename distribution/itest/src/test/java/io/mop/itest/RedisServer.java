package io.mop.itest;

import io.mop.testkit.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A redis-server on a free loopback port, and perhaps another with TLS, everything of it in one directory. */
final class RedisServer extends Server {
  /** 0 = none. */
  private final int tlsPort;

  private RedisServer(Path directory, int port, int tlsPort, List<String> command) throws IOException {
    super(directory, port, command);
    this.tlsPort = tlsPort;
  }

  /**
   * Returns when it accepts connections. Skips the test on a machine without redis-server.
   *
   * @param directory is made
   */
  static RedisServer start(Path directory) {
    return start(directory, 0);
  }

  /** As {@link #start}, with a port for TLS too, which its tools use. */
  static RedisServer tls(Path directory) {
    return start(directory, Children.freePort());
  }

  private static RedisServer start(Path directory, int tlsPort) {
    try {
      Files.createDirectories(directory);
      int port = Children.freePort();
      List<String> command = new ArrayList<>(List.of(binary("redis-server"), "--port", Integer.toString(port)));
      command.addAll(List.of("--bind", "127.0.0.1", "--save", "", "--dir", directory.toString()));
      if (tlsPort > 0) {
        new TestCertificates("redis").issue("localhost", "EC").write(directory, "server");
        command.addAll(List.of("--tls-port", Integer.toString(tlsPort), "--tls-auth-clients", "no"));
        command.addAll(List.of("--tls-cert-file", "server.crt", "--tls-key-file", "server.key"));
        command.addAll(List.of("--tls-ca-cert-file", "server.crt"));
      }
      return new RedisServer(directory, port, tlsPort, command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int tlsPort() {
    return tlsPort;
  }

  /** A redis-cli or redis-benchmark that talks to this server, by TLS if it does. */
  ProcessBuilder tool(String name, String... arguments) {
    return tool(List.of(), name, arguments);
  }

  /** @param before what runs it */
  ProcessBuilder tool(List<String> before, String name, String... arguments) {
    List<String> command = new ArrayList<>(before);
    command.addAll(List.of(binary(name), "-h", "127.0.0.1"));
    command.addAll(List.of("-p", Integer.toString(tlsPort > 0 ? tlsPort : port())));
    if (tlsPort > 0) command.addAll(List.of("--tls", "--insecure"));
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

  /** What was carried out between two times of {@link #calls}. */
  static Map<String, Integer> difference(Map<String, Integer> before, Map<String, Integer> after) {
    Map<String, Integer> difference = new TreeMap<>();
    after.forEach((name, n) -> difference.put(name, n - before.getOrDefault(name, 0)));
    difference.values().removeIf(n -> n == 0);
    return difference;
  }
}
