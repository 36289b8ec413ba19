package io.mop.cli.demo;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Java service {@code orders}: a process of its own with an OpenTelemetry SDK, which is in none of MOP's. */
final class Orders implements AutoCloseable {
  private static final Pattern PORT = Pattern.compile("^port (\\d+)$", Pattern.MULTILINE);
  private static final Pattern SERVED = Pattern.compile("^served (\\d+)$", Pattern.MULTILINE);
  private static final long PATIENCE_SECONDS = 30;

  private final Process process;
  private final Path output;
  private final Path log;
  private int port;

  private Orders(Process process, Path output, Path log) {
    this.process = process;
    this.output = output;
    this.log = log;
  }

  /**
   * Returns when it listens.
   *
   * @param home of the distribution, with {@code demo/}
   * @param otlpPort on loopback, where OTLP/HTTP takes traces; used from the first request on
   * @param directory is made
   * @throws CommandException it did not start; with what it said
   */
  static Orders start(Path home, int otlpPort, Path directory)
      throws CommandException, IOException, InterruptedException {
    Path jars = home.resolve("demo");
    if (!Files.isDirectory(jars)) {
      throw new CommandException(ExitCode.NOT_FOUND, "The service of the demo is missing: there is no " + jars + ".");
    }
    Files.createDirectory(directory);
    List<String> command =
        Children.command(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx96m", "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            // Else every answer waits for the acknowledgement of its head, 40 ms.
            "-Dsun.net.httpserver.nodelay=true", "-cp", jars + "/*", "io.mop.demo.Orders",
            "http://127.0.0.1:" + otlpPort + "/v1/traces");
    Path output = directory.resolve("output");
    Path log = directory.resolve("log");
    ProcessBuilder builder = new ProcessBuilder(command);
    Process process = builder.redirectOutput(output.toFile()).redirectError(log.toFile()).start();
    Orders orders = new Orders(process, output, log);
    try {
      orders.awaitPort();
      return orders;
    } catch (CommandException | IOException | InterruptedException e) {
      orders.close();
      throw e;
    }
  }

  private void awaitPort() throws CommandException, IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    boolean ended = false;
    while (true) {
      Matcher matcher = PORT.matcher(Files.readString(output));
      if (matcher.find()) {
        port = Integer.parseInt(matcher.group(1));
        return;
      }
      if (ended || System.nanoTime() > end) {
        String said = String.join("\n", log());
        throw new CommandException(
            ExitCode.FAILURE, "The service orders did not start: " + (said.isEmpty() ? "it said nothing." : said));
      }
      ended = process.waitFor(20, TimeUnit.MILLISECONDS);
    }
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  /** SIGTERM: it hands over its last spans. Returns the requests that came; empty if it could not end so. */
  OptionalLong stop() throws IOException {
    Children.stop(process);
    Matcher matcher = SERVED.matcher(Files.readString(output));
    return matcher.find() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
  }

  /** What went wrong in it, line by line. */
  List<String> log() throws IOException {
    return Files.readAllLines(log);
  }

  @Override
  public void close() {
    Children.stop(process);
  }
}
