package io.mop.capture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Real processes, shown in a directory of their own as if they were the only ones of this machine. */
final class Started implements AutoCloseable {
  private final Path proc;
  private final Deque<ProcessHandle> processes = new ArrayDeque<>();

  Started(Path proc) {
    this.proc = proc;
  }

  Process start(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    show(process.pid());
    return process;
  }

  /** Shows a process that one of these has started. */
  void show(long pid) throws IOException {
    Files.createSymbolicLink(proc.resolve("" + pid), Path.of("/proc", "" + pid));
    ProcessHandle.of(pid).ifPresent(processes::push);
  }

  /** The only child of a process, which must have told that it has one. */
  int child(Process parent) throws IOException {
    List<ProcessHandle> children = parent.children().toList();
    if (children.size() != 1) throw new AssertionError("children of " + parent + ": " + children);
    show(children.get(0).pid());
    return (int) children.get(0).pid();
  }

  /** Ends a process and waits until it is gone. */
  static void end(Process process) {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** A line that the process prints: it has got that far. */
  static String line(Process process) throws IOException {
    return process.inputReader().readLine();
  }

  /** A JVM that runs a class of the tests, after what runs the JVM. */
  static String[] java(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // In a PID namespace of its own it would share /tmp/hsperfdata_USER/1 with others, and warn on its output.
    command.addAll(List.of("-XX:-UsePerfData", "-Xshare:auto", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return command.toArray(String[]::new);
  }

  /** Children first. */
  @Override
  public void close() {
    for (ProcessHandle p : processes) {
      p.destroyForcibly();
      p.onExit().join();
    }
  }
}
