package io.mop.itest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code bin/mop} as a user starts it, in a directory of the test. */
final class Cli {
  static final Path MOP = Distribution.HOME.resolve("bin/mop");

  /** How a command ended and what it printed. */
  record Result(int code, String out, String err) {}

  private Cli() {}

  /** Without what the environment says of MOP, on the Java that runs the test. */
  static ProcessBuilder command(Path script, Path directory, Map<String, String> env, String... arguments) {
    return command(List.of(script.toString()), directory, env, arguments);
  }

  /** @param script with what starts it, e.g. setpriv and its options, before it */
  static ProcessBuilder command(List<String> script, Path directory, Map<String, String> env, String... arguments) {
    List<String> command = new ArrayList<>(script);
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("MOP_") || name.startsWith("OTEL_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("MOP_TELEMETRY", "off"); // several run at one time
    builder.environment().putAll(env);
    return builder;
  }

  /** Runs to its end. */
  static Result run(Path script, Path directory, Map<String, String> env, String... arguments)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile(directory, "out", ".txt");
    Path err = Files.createTempFile(directory, "err", ".txt");
    ProcessBuilder builder = command(script, directory, env, arguments);
    int code = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start().waitFor();
    return new Result(
        code, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
  }

  static Result run(Path directory, String... arguments) throws IOException, InterruptedException {
    return run(MOP, directory, Map.of(), arguments);
  }
}
