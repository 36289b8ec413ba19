package io.mop.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Readings of the machine and of the processes that a benchmark started. */
final class Host {
  /** USER_HZ, 100 on all Linux platforms that Java runs on. */
  private static final long TICK_MICROS = 10_000;

  private Host() {}

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /**
   * Waits until a server accepts connections on a loopback port.
   *
   * @param output what it prints, told if it ends
   */
  static void awaitPort(Process server, int port, Path output) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!accepts(port)) {
      if (!server.isAlive() || System.nanoTime() > end) {
        throw new IOException(
            server.info().command().orElse("a server") + " did not start: " + Files.readString(output).strip());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private static boolean accepts(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Runs a program to its end; what it printed. */
  static String output(ProcessBuilder program) throws IOException, InterruptedException {
    Process process = program.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) throw new IOException(String.join(" ", program.command()) + ": " + said);
    return said;
  }

  /** The machine's load averages of 1, 5 and 15 minutes. */
  static String load() throws IOException {
    String[] parts = Files.readString(Path.of("/proc/loadavg")).split(" ");
    return "load average " + parts[0] + " " + parts[1] + " " + parts[2] + ", "
        + Runtime.getRuntime().availableProcessors() + " processors";
  }

  /** CPU time of a process so far, user and system, in microseconds; steps of 10 ms (proc(5), utime and stime). */
  static long cpuMicros(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_MICROS;
  }

  /**
   * CPU time so far of the threads that a process has now, in nanoseconds (Documentation/scheduler/sched-stats.rst of
   * Linux).
   */
  static long taskNanos(long pid) throws IOException {
    long sum = 0;
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (Path task : tasks) {
        try {
          sum += Long.parseLong(Files.readString(task.resolve("schedstat")).split(" ")[0]);
        } catch (NoSuchFileException e) {
          // ended since
        }
      }
    }
    return sum;
  }

  /** Resident memory of a process in KiB (proc(5), VmRSS). */
  static long rssKib(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmRSS:")) return Long.parseLong(line.replaceAll("\\D", ""));
    }
    throw new IOException("process " + pid + " has no VmRSS");
  }

  /** What {@code jcmd PID COMMAND} of the JDK that runs this prints. */
  static String jcmd(long pid, String... command) throws IOException {
    String[] line = new String[command.length + 2];
    line[0] = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    line[1] = Long.toString(pid);
    System.arraycopy(command, 0, line, 2, command.length);
    Process p = new ProcessBuilder(line).redirectErrorStream(true).start();
    return new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  /** A JVM with this one's class path. */
  static ProcessBuilder java(Class<?> main, String... args) {
    ProcessBuilder start =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName());
    start.command().addAll(List.of(args));
    return start;
  }

  /** Deletes a directory that a benchmark made, with all in it. */
  static void delete(Path directory) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(directory)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) Files.deleteIfExists(path);
  }

  /** @param signal e.g. {@code STOP} */
  static void signal(String signal, long pid) throws IOException, InterruptedException {
    output(new ProcessBuilder("kill", "-" + signal, Long.toString(pid)));
  }

  /**
   * Lets a process, those that it has started and those that it will start run before all others (SCHED_FIFO), or like
   * them again. Needs root.
   */
  static void first(long pid, boolean first) throws IOException, InterruptedException {
    List<Long> pids = new ArrayList<>(List.of(pid));
    ProcessHandle.of(pid).ifPresent(p -> p.descendants().map(ProcessHandle::pid).forEach(pids::add));
    String policy = first ? "--fifo" : "--other";
    for (long each : pids) {
      output(new ProcessBuilder("chrt", policy, "--all-tasks", "--pid", first ? "1" : "0", "" + each));
    }
  }

  /** SIGTERM, and after 20 s SIGKILL. */
  static void stop(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
