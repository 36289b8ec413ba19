package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** src/test/c/client.c, built with the compiler that builds the capture programs. */
final class CClient {
  private static final Path SOURCE = Path.of("src/test/c/client.c");

  private CClient() {}

  /** A client that waits to be let go. */
  static Child of(Path directory, int port, String mode, String... more) {
    Path program = directory.resolve("client");
    if (!program.toFile().exists()) build(program);
    List<String> command = new ArrayList<>(List.of(program.toString(), "" + port, mode));
    command.addAll(List.of(more));
    return new Child(command.toArray(String[]::new));
  }

  private static void build(Path program) {
    List<String> command = List.of("clang-16", "-O1", "-Wall", "-pthread", "-o", program.toString(), SOURCE.toString());
    try {
      Process clang = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(clang.getInputStream().readAllBytes());
      assertThat(clang.waitFor()).as(said).isZero();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
