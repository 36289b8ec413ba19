package io.mop.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A redis-server on a free loopback port, everything of it in one directory. */
final class Redis implements AutoCloseable {
  private final Process process;
  private final int port = Host.freePort();

  /** @param directory is made */
  Redis(Path directory) throws IOException {
    Path output = Files.createDirectories(directory).resolve("output.log");
    List<String> command = List.of("redis-server", "--port", "" + port, "--bind", "127.0.0.1", "--save", "", "--dir",
        directory.toString());
    process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
    try {
      Host.awaitPort(process, port, output);
    } catch (IOException e) {
      close();
      throw e;
    }
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  /** What redis-cli or redis-benchmark, talking to this server, prints. */
  String tool(String name, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(name, "-h", "127.0.0.1", "-p", "" + port));
    command.addAll(List.of(arguments));
    return Host.output(new ProcessBuilder(command));
  }

  /** How many replies redis-cli has printed, a line each, to a command that it sends so often, one by one. */
  long replies(int times, String command) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("--no-raw", "-r", "" + times));
    arguments.addAll(List.of(command.split(" ")));
    return tool("redis-cli", arguments.toArray(String[]::new)).lines().count();
  }

  /** How often each command was carried out, by its name as {@code db.operation.name} has it; not this time. */
  Map<String, Integer> calls() throws IOException, InterruptedException {
    Map<String, Integer> calls = new TreeMap<>();
    for (String line : tool("redis-cli", "INFO", "commandstats").split("\r?\n")) {
      if (!line.startsWith("cmdstat_")) continue;
      String name = line.substring("cmdstat_".length(), line.indexOf(':')).toUpperCase().replace('|', ' ');
      calls.put(name, Integer.parseInt(line.substring(line.indexOf("calls=") + 6, line.indexOf(','))));
    }
    return calls;
  }

  @Override
  public void close() {
    Host.stop(process);
  }
}
