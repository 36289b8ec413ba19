package io.mop.itest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A JVM that runs {@link ChainMain}. */
final class ChainProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader said;

  /** Returns when it is ready. */
  ChainProcess(Object... arguments) {
    // Without the option each answer, written in two pieces, waits for a delayed acknowledgement.
    List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dsun.net.httpserver.nodelay=true"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), ChainMain.class.getName()));
    for (Object a : arguments) command.add(a.toString());
    try {
      process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      said = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
      expect("ready");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void expect(String line) throws IOException {
    String found = said.readLine();
    if (!line.equals(found)) throw new AssertionError("expected " + line + ", found " + found);
  }

  /** Makes a client ask for {@code PREFIX/CONNECTION-NUMBER}; returns when all is answered. */
  void ask(String prefix, int connections, int requests) throws IOException {
    OutputStream in = process.getOutputStream();
    in.write((prefix + " " + connections + " " + requests + "\n").getBytes(StandardCharsets.UTF_8));
    in.flush();
    expect("done");
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    Children.stop(process);
  }
}
