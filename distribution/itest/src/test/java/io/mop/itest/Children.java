package io.mop.itest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Processes that a test starts and stops. */
final class Children {
  /** Runs what follows it once it is told a line, with the process id that it has before. */
  static final List<String> WAITING = List.of("/bin/sh", "-c", "read go; exec \"$@\"", "sh");

  /** The kernel may give a port that was free a moment ago again, and the first to have it has not used it yet. */
  private static final Set<Integer> GIVEN = ConcurrentHashMap.newKeySet();

  private Children() {}

  /** SIGTERM, then {@link #awaitExit}. */
  static int stop(Process process) {
    process.toHandle().destroy();
    return awaitExit(process);
  }

  /**
   * Waits for the end; SIGKILL if it does not come. Children that are left are killed.
   *
   * @return the exit code
   */
  static int awaitExit(Process process) {
    List<ProcessHandle> children = process.descendants().toList();
    try {
      if (!process.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError("process " + process.pid() + " did not end within " + Await.LIMIT);
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IllegalStateException(e);
    } finally {
      children.forEach(ProcessHandle::destroyForcibly);
    }
  }

  static int freePort() {
    while (true) {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        if (GIVEN.add(socket.getLocalPort())) return socket.getLocalPort();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
