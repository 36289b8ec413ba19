package io.mop.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Compiles the loads that are written in C: what they do themselves must cost little, and always the same. */
final class CPrograms {
  private CPrograms() {}

  /**
   * @param name of a file in {@code bench/c}, without its suffix
   * @param directory for the program
   */
  static Path compile(Places places, String name, Path directory) throws IOException, InterruptedException {
    Path source = places.checkout().resolve("bench/c/" + name + ".c");
    Path program = directory.resolve(name);
    List<String> command =
        List.of("clang-16", "-O2", "-Wall", "-Wextra", "-Werror", source.toString(), "-o", program.toString(), "-lbpf");
    Host.output(new ProcessBuilder(command));
    return program;
  }
}
