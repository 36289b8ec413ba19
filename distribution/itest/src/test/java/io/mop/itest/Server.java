package io.mop.itest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A server on a loopback port, a child of the test. */
abstract class Server implements AutoCloseable {
  private final Process process;
  private final Path output;
  private final int port;

  /**
   * Returns when it accepts connections.
   *
   * @param directory in which it runs and what it prints is kept
   * @param port at which the command has it listen
   * @param command with the program's {@link #binary} first
   */
  Server(Path directory, int port, List<String> command) throws IOException {
    this.port = port;
    output = directory.resolve("output.log");
    process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    Await.until(command.get(0) + " accepts", this::accepts, () -> {
      process.destroyForcibly();
      return read(output);
    });
  }

  /** A program's path. Skips the test on a machine without it. */
  static String binary(String name) {
    String path = System.getenv("PATH") + ":/usr/sbin:/usr/local/sbin";
    return Stream.of(path.split(":"))
        .map(d -> Path.of(d, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseGet(() -> Assumptions.abort("needs " + name + " on PATH or in /usr/sbin"))
        .toString();
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean accepts() {
    try {
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      return true;
    } catch (IOException e) {
      if (!process.isAlive()) throw new AssertionError("the server ended: " + read(output));
      return false;
    }
  }

  final int port() {
    return port;
  }

  /** Of the process that was started; it may have children that serve. */
  final long pid() {
    return process.pid();
  }

  @Override
  public final void close() {
    if (process.isAlive()) Children.stop(process);
  }
}
