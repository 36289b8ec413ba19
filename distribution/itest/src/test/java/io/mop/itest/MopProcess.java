package io.mop.itest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** {@code bin/mop run} as a child of the test, with a state directory of its own. */
final class MopProcess implements AutoCloseable {
  private final Process process;
  private final Path directory;
  private final Path log;

  private MopProcess(Process process, Path directory, Path log) {
    this.process = process;
    this.directory = directory;
    this.log = log;
  }

  /**
   * Returns when it says that it runs.
   *
   * @param directory of the state and the log
   * @param options of {@code mop run}
   */
  static MopProcess start(Path directory, Path config, Map<String, String> env, String... options) {
    return start(List.of(Cli.MOP.toString()), directory, config, env, options);
  }

  /** @param script a {@code bin/mop}, with what starts it before it */
  static MopProcess start(
      List<String> script, Path directory, Path config, Map<String, String> env, String... options) {
    try {
      Files.createDirectories(directory);
      Path log = directory.resolve("mop.log");
      List<String> arguments = new ArrayList<>(List.of("run", "--config", config.toString()));
      arguments.addAll(List.of("--state", directory.resolve("state").toString()));
      arguments.addAll(List.of(options));
      // a background job may have been told to ignore SIGINT or SIGHUP
      List<String> words = new ArrayList<>(List.of("env", "--default-signal"));
      words.addAll(script);
      ProcessBuilder builder = Cli.command(words, directory, env, arguments.toArray(String[]::new));
      builder.redirectOutput(directory.resolve("out.txt").toFile()).redirectError(log.toFile());
      MopProcess mop = new MopProcess(builder.start(), directory, log);
      try {
        mop.await("MOP runs", s -> s.state().equals("running"));
      } catch (AssertionError e) {
        mop.process.destroyForcibly();
        throw e;
      }
      return mop;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** @param config text of mop.yaml */
  static MopProcess start(Path directory, String config, String... options) {
    try {
      Path file = Files.writeString(directory.resolve("mop.yaml"), config);
      return start(directory.resolve("mop"), file, Map.of(), options);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it says over its socket, as {@code mop status} asks; empty while it is starting or stopping. */
  Optional<Status> status() {
    if (!process.isAlive()) throw new AssertionError("MOP ended with exit code " + process.exitValue() + ":\n" + log());
    try {
      String answer = ask("mop:status -o json");
      return answer.endsWith("\n0\n") ? Optional.of(Status.parse(answer)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** A line to its control socket; the answer ends with a line that holds the exit code. */
  String ask(String line) throws IOException {
    Path socket = directory.resolve("state/mop.sock");
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  long pid() {
    return process.pid();
  }

  /** @param name e.g. {@code HUP} */
  void signal(String name) throws IOException, InterruptedException {
    int code = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    if (code != 0) throw new AssertionError("kill -" + name + " ended with " + code);
  }

  /** The first status that fulfils the condition. */
  Status await(String what, Predicate<Status> condition) {
    List<Status> seen = new ArrayList<>();
    Await.until(
        what,
        () -> {
          status().ifPresent(seen::add);
          return !seen.isEmpty() && condition.test(seen.get(seen.size() - 1));
        },
        () -> "status: " + (seen.isEmpty() ? "none" : seen.get(seen.size() - 1).json()) + "\nlog:\n" + log());
    return seen.get(seen.size() - 1);
  }

  /** A command that asks this MOP. */
  Cli.Result command(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(words));
    command.addAll(List.of("--state", directory.resolve("state").toString()));
    return Cli.run(directory, command.toArray(String[]::new));
  }

  /** What {@code mop status -o json} prints. */
  Status statusByCommand() throws IOException, InterruptedException {
    Cli.Result result = command("status", "-o", "json");
    if (result.code() != 0) throw new AssertionError(result.toString());
    return Status.parse(result.out());
  }

  /** Everything it has written to standard error. */
  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGTERM; returns at once. */
  void terminate() {
    process.toHandle().destroy();
  }

  /** Waits for its end after {@link #terminate}: a second SIGTERM would end it at once. */
  int awaitExit() {
    return Children.awaitExit(process);
  }

  /** SIGTERM, and the exit code. */
  int stop() {
    terminate();
    return awaitExit();
  }

  /** SIGKILL: what a crash is to it. */
  void kill() {
    process.destroyForcibly();
    awaitExit();
  }

  @Override
  public void close() {
    if (process.isAlive()) stop();
  }
}
