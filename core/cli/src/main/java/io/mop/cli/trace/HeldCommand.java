package io.mop.cli.trace;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The command that is traced: a shell that waits until it is watched, then becomes the command, as the invoking user.
 * It has this process's terminal, standard input and outputs; it waits on a named pipe, which closes when MOP ends.
 */
final class HeldCommand implements AutoCloseable {
  private static final String WAIT = "read -r go < \"$1\" || exit 125; shift; exec \"$@\"";
  private static final long PATIENCE_SECONDS = 10;

  private final Process process;
  private final RandomAccessFile gate;
  private boolean free;

  private HeldCommand(Process process, RandomAccessFile gate) {
    this.process = process;
    this.gate = gate;
  }

  /** @param directory in which only this process writes */
  static HeldCommand start(List<String> words, Invoker invoker, Path directory)
      throws CommandException, IOException, InterruptedException {
    Path pipe = directory.resolve("gate");
    if (new ProcessBuilder("mkfifo", "-m", "600", pipe.toString()).inheritIO().start().waitFor() != 0) {
      throw new CommandException(ExitCode.FAILURE, "No named pipe could be made in " + directory + ".");
    }
    // Opened for both, which does not wait for the other side.
    RandomAccessFile gate = new RandomAccessFile(pipe.toFile(), "rw");
    try {
      List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", WAIT, "mop", pipe.toString()));
      command.addAll(invoker.prefix());
      command.addAll(words);
      ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
      invoker.adapt(builder.environment());
      return new HeldCommand(builder.start(), gate);
    } catch (IOException | RuntimeException e) {
      gate.close();
      throw e;
    }
  }

  long pid() {
    return process.pid();
  }

  void letGo() throws IOException {
    gate.write("go\n".getBytes(StandardCharsets.US_ASCII));
    free = true;
  }

  /** With its exit code, 128 and the number after a signal. */
  CompletableFuture<Integer> ended() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /** SIGTERM; SIGKILL if that does not end it. */
  void end() {
    process.toHandle().destroy();
    process.onExit().completeOnTimeout(process, PATIENCE_SECONDS, TimeUnit.SECONDS)
        .thenAccept(Process::destroyForcibly);
  }

  /** One that was never let go ends, without having done anything. */
  @Override
  public void close() throws IOException {
    gate.close();
    if (!free) process.destroyForcibly();
  }
}
