package io.mop.cli.demo;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs nginx, MOP and a client for a while, then compares three independent counts: requests of the client, lines of
 * nginx's access log, spans of MOP's table. Everything lives in one temporary directory, listens on the loopback
 * interface only and is gone afterwards, also after Ctrl-C.
 */
final class Demo {
  private static final Duration CLEAN_UP = Duration.ofSeconds(60);

  private static final String NO_PRIVILEGE =
      """
      As root (sudo mop demo) this starts nginx and shows its requests, durations and errors live, taken from
      the kernel by eBPF: nginx is neither changed nor configured for it. Loading eBPF programs needs root or
      the capabilities CAP_BPF and CAP_PERFMON, so nothing was started.""";

  private final Path home;
  private final Duration duration;
  private final int rate;
  private final PrintStream out;
  private final PrintStream err;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);

  /**
   * @param home of the distribution, with {@code bin/mop}
   * @param rate requests per second
   * @param out the table and the result
   * @param err what is being done
   */
  Demo(Path home, Duration duration, int rate, PrintStream out, PrintStream err) {
    this.home = home;
    this.duration = duration;
    this.rate = rate;
    this.out = out;
    this.err = err;
  }

  /** @return {@link ExitCode#OK} if all counts agree or if there is no privilege to try, which it then says */
  int run() throws CommandException, IOException, InterruptedException {
    if (!Privilege.canLoadBpf()) {
      err.println(NO_PRIVILEGE);
      return ExitCode.OK;
    }
    Path nginx =
        Nginx.find(System.getenv("PATH"))
            .orElseThrow(
                () ->
                    new CommandException(
                        ExitCode.NOT_FOUND,
                        "There is no nginx on PATH or in /usr/sbin: install the package nginx. Its service need not"
                            + " run, the demo starts a copy of its own."));
    // The client may be interrupted at any point: the hook only asks, the main thread cleans up.
    Thread hook = new Thread(this::stopAndWait, "demo-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    Path directory = Files.createTempDirectory("mop-demo-");
    try {
      // nginx's worker is another user when nginx was started by root.
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
      return run(nginx, directory);
    } finally {
      delete(directory);
      done.countDown();
    }
  }

  private int run(Path binary, Path directory) throws CommandException, IOException, InterruptedException {
    Traffic.Result made;
    long logged;
    MopProcess.Table table;
    try (Nginx nginx = Nginx.start(binary, directory.resolve("nginx"))) {
      err.println("nginx is process " + nginx.pid() + " on 127.0.0.1:" + nginx.port() + "; MOP is starting.");
      Path config = Files.writeString(directory.resolve("mop.yaml"), config(nginx.port(), isTerminal()));
      try (MopProcess mop = MopProcess.start(home, config, directory.resolve("state"), out)) {
        mop.awaitRunning(Duration.ofSeconds(60), stop);
        try (Traffic traffic = new Traffic(nginx.port(), rate)) {
          stop.await(duration.toNanos(), TimeUnit.NANOSECONDS);
          made = traffic.finish(Duration.ofSeconds(15));
        }
        logged = nginx.requestsLogged(made.requests(), Duration.ofSeconds(5));
        table = mop.stop();
        mop.log().forEach(line -> err.println("MOP: " + line));
      }
    }
    return compare(made, logged, table);
  }

  private int compare(Traffic.Result made, long logged, MopProcess.Table table) {
    out.println();
    out.println("requests the client made   " + made.requests() + " (" + made.summary() + ")");
    out.println("requests nginx logged      " + logged);
    out.println("spans MOP counted          " + table.spans() + " (" + table.errors() + " errors)");
    if (made.requests() == logged && logged == table.spans()) return ExitCode.OK;
    out.println(difference(made.requests(), logged, table.spans()));
    return ExitCode.FAILURE;
  }

  static String difference(long made, long logged, long spans) {
    if (made != logged) return "nginx did not see every request: the machine may be too busy for this rate.";
    long d = spans - logged;
    return String.format(Locale.ROOT, "MOP counted %d spans too %s.", Math.abs(d), d < 0 ? "few" : "many");
  }

  /** @param terminal true = the table may be drawn over itself; MOP cannot tell, as its output passes through here */
  static String config(int port, boolean terminal) {
    return """
        # Written by "mop demo".
        receivers:
          ebpf:
            select: [ { port: %d } ]
        processors:
          attributes:
            actions:
              - { key: deployment.environment.name, action: insert, value: demo }
        exporters:
          summary:
            interval: 1s
            ansi: %s
            note: [ "nginx on 127.0.0.1:%d, seen by eBPF; Ctrl-C ends the demo" ]
        service:
          pipelines:
            traces: { receivers: [ebpf], processors: [attributes], exporters: [summary] }
        """
        .formatted(port, terminal ? "always" : "never", port);
  }

  private static boolean isTerminal() {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
      return (target.startsWith("/dev/pts/") || target.startsWith("/dev/tty")) && !"dumb".equals(System.getenv("TERM"));
    } catch (IOException e) {
      return false;
    }
  }

  private void stopAndWait() {
    stop.countDown();
    try {
      done.await(CLEAN_UP.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void delete(Path directory) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(directory)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) Files.deleteIfExists(path);
  }
}
