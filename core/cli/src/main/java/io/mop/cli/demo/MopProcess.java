package io.mop.cli.demo;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code mop run} as a process of its own; what it prints is passed on while the last table is read from it. */
final class MopProcess implements AutoCloseable {
  private static final Pattern UNHEALTHY =
      Pattern.compile("\"path\":\"receivers\\.(ebpf|otlp)\"[^}]*\"healthy\":false,\"reason\":\"([^\"]*)\"");
  private static final int LOG_LINES = 20;

  private final Process process;
  private final Path state;
  private final Path log;
  private final Thread copier;
  private final SpanTable table = new SpanTable();

  private MopProcess(Process process, Path state, Path log, PrintStream to) {
    this.process = process;
    this.state = state;
    this.log = log;
    copier = new Thread(() -> copy(process.getInputStream(), to), "demo-table");
    copier.setDaemon(true);
    copier.start();
  }

  /** @param state is made, beside it a log */
  static MopProcess start(Path home, Path config, Path state, PrintStream to) throws CommandException, IOException {
    Path mop = home.resolve("bin/mop");
    if (!Files.isExecutable(mop)) {
      throw new CommandException(ExitCode.NOT_FOUND, "There is no MOP distribution in " + home + ".");
    }
    Files.createDirectory(state);
    Path log = state.resolveSibling("mop.log");
    List<String> command =
        Children.command(mop.toString(), "run", "--config", config.toString(), "--state", state.toString(),
            "--log-level", "warning", "--telemetry", "off");
    return new MopProcess(new ProcessBuilder(command).redirectError(log.toFile()).start(), state, log, to);
  }

  /**
   * Returns when MOP sees requests, or early when {@code stop} says so.
   *
   * @throws CommandException it ended, or cannot see; with what it said
   */
  void awaitRunning(Duration limit, CountDownLatch stop) throws CommandException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!stop.await(50, TimeUnit.MILLISECONDS)) {
      if (!process.isAlive()) throw failed("MOP ended with exit code " + process.exitValue());
      String status = status();
      Matcher unhealthy = UNHEALTHY.matcher(status);
      if (unhealthy.find()) {
        String what = unhealthy.group(1).equals("ebpf") ? "see nginx" : "take what orders reports";
        throw failed("MOP cannot " + what + ": " + unhealthy.group(2));
      }
      if (status.contains("\"state\":\"running\"")) return;
      if (System.nanoTime() > end) throw failed("MOP was not running after " + limit.toSeconds() + " s");
    }
  }

  private CommandException failed(String what) {
    List<String> log = log();
    return new CommandException(ExitCode.FAILURE, what + (log.isEmpty() ? "." : ":\n" + String.join("\n", log)));
  }

  /** Its control socket's answer; empty while there is none. */
  private String status() {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(state.resolve("mop.sock")))) {
      channel.write(ByteBuffer.wrap("mop:status -o json\n".getBytes(StandardCharsets.UTF_8)));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  private void copy(InputStream in, PrintStream to) {
    byte[] bytes = new byte[8192];
    StringBuilder line = new StringBuilder();
    try {
      for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
        to.write(bytes, 0, n);
        to.flush();
        // Names of services and numbers are ASCII, so bytes may be read as characters.
        for (char c : new String(bytes, 0, n, StandardCharsets.ISO_8859_1).toCharArray()) {
          if (c != '\n') {
            line.append(c);
            continue;
          }
          table.line(line.toString());
          line.setLength(0);
        }
      }
    } catch (IOException e) {
      // The process ended.
    }
  }

  /** SIGTERM: MOP delivers what it holds and prints its last table. */
  SpanTable stop() throws InterruptedException {
    Children.stop(process);
    copier.join();
    return table;
  }

  /** The last warnings and errors it logged. */
  List<String> log() {
    try {
      List<String> lines = Files.readAllLines(log);
      return lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    Children.stop(process);
  }
}
