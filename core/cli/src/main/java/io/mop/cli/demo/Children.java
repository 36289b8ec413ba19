package io.mop.cli.demo;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The processes the demo starts, and stops. */
final class Children {
  private static final String SETSID = "/usr/bin/setsid";
  private static final long PATIENCE_SECONDS = 45;

  private Children() {}

  /**
   * In a session of its own: Ctrl-C on the terminal would reach every process at once, in no order. The process id
   * stays the one that was started.
   */
  static List<String> command(String... words) {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(Path.of(SETSID))) command.add(SETSID);
    command.addAll(List.of(words));
    return command;
  }

  /** SIGTERM and wait; SIGKILL for it and its own children if it does not end. */
  static void stop(Process process) {
    // Process.destroy() would close its output at once, before the last lines are read.
    process.toHandle().destroy();
    boolean ended = false;
    try {
      ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (ended) return;
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
