package io.mop.cli.demo;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import io.mop.cli.Privilege;
import io.mop.cli.Terminal;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs a Java service with an OpenTelemetry SDK, nginx before it, MOP and a client for a while, then compares what each
 * counted by itself: requests of the client, lines of nginx's access log, requests of the service, spans of MOP's
 * table. Without the privilege to load eBPF programs there is no nginx and the client asks the service. Everything
 * lives in one temporary directory, listens on the loopback interface only and is gone afterwards, also after Ctrl-C.
 */
final class Demo {
  private static final Duration CLEAN_UP = Duration.ofSeconds(60);
  private static final Duration START = Duration.ofSeconds(60);

  private static final String NO_PRIVILEGE =
      """
      This is the half that needs no privilege: a Java service reports through its OpenTelemetry SDK.
      As root (sudo mop demo) an nginx is put in front of it, and MOP takes nginx's requests, durations and errors
      from the kernel by eBPF: nginx is neither changed nor configured for it. Loading eBPF programs needs root
      or the capabilities CAP_BPF and CAP_PERFMON.""";

  private final Path home;
  private final Duration duration;
  private final int rate;
  private final PrintStream out;
  private final PrintStream err;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);

  /**
   * @param home of the distribution, with {@code bin/mop} and {@code demo/}
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

  /** @return {@link ExitCode#OK} if all counts agree */
  int run() throws CommandException, IOException, InterruptedException {
    Optional<Path> nginx = Optional.empty();
    if (Privilege.canLoadBpf()) {
      nginx = Nginx.find(System.getenv("PATH"));
      if (nginx.isEmpty()) {
        throw new CommandException(
            ExitCode.NOT_FOUND,
            "There is no nginx on PATH or in /usr/sbin: install the package nginx. Its service need not"
                + " run, the demo starts a copy of its own.");
      }
    }
    // The client may be interrupted at any point: the hook only asks, the main thread cleans up.
    Thread hook = new Thread(this::stopAndWait, "demo-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    Path directory = Files.createTempDirectory("mop-demo-");
    try {
      // nginx's worker is another user when nginx was started by root.
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
      List<Count> counts;
      List<Integer> otlp = Ports.free(2);
      try (Orders orders = Orders.start(home, otlp.get(0), directory.resolve("orders"))) {
        err.println("orders is process " + orders.pid() + " on 127.0.0.1:" + orders.port() + ".");
        if (nginx.isPresent()) {
          counts = withNginx(nginx.get(), orders, otlp, directory);
        } else {
          err.println(NO_PRIVILEGE);
          counts = withoutNginx(orders, otlp, directory);
        }
      }
      return compare(counts);
    } finally {
      delete(directory);
      done.countDown();
    }
  }

  /** A number and what it counts; those of one group must be equal. */
  record Count(String group, String what, long number, String detail) {}

  private List<Count> withNginx(Path binary, Orders orders, List<Integer> otlp, Path directory)
      throws CommandException, IOException, InterruptedException {
    try (Nginx nginx = Nginx.start(binary, directory.resolve("nginx"), orders.port())) {
      err.println("nginx is process " + nginx.pid() + " on 127.0.0.1:" + nginx.port() + "; MOP is starting.");
      String config = config(OptionalInt.of(nginx.port()), orders.port(), otlp, Terminal.isTerminal());
      try (MopProcess mop = startMop(config, directory)) {
        Traffic.Result made = traffic(nginx.port(), Traffic.PATHS);
        long logged = nginx.requestsLogged(made.requests(), Duration.ofSeconds(5));
        long served = stop(orders);
        SpanTable table = stop(mop);
        return List.of(
            new Count("nginx", "requests the client made", made.requests(), made.summary()),
            new Count("nginx", "requests nginx logged", logged, ""),
            new Count("nginx", "server spans of nginx", table.spans("nginx", "server"), "by eBPF"),
            new Count("orders", "requests orders served", served, ""),
            new Count("orders", "server spans of orders", table.spans("orders", "server"), "by its OpenTelemetry SDK"));
      }
    }
  }

  private List<Count> withoutNginx(Orders orders, List<Integer> otlp, Path directory)
      throws CommandException, IOException, InterruptedException {
    try (MopProcess mop =
        startMop(config(OptionalInt.empty(), orders.port(), otlp, Terminal.isTerminal()), directory)) {
      Traffic.Result made = traffic(orders.port(), Traffic.ORDERS);
      long served = stop(orders);
      SpanTable table = stop(mop);
      return List.of(
          new Count("orders", "requests the client made", made.requests(), made.summary()),
          new Count("orders", "requests orders served", served, ""),
          new Count("orders", "server spans of orders", table.spans("orders", "server"), "by its OpenTelemetry SDK"));
    }
  }

  private MopProcess startMop(String config, Path directory)
      throws CommandException, IOException, InterruptedException {
    Path file = Files.writeString(directory.resolve("mop.yaml"), config);
    MopProcess mop = MopProcess.start(home, file, directory.resolve("state"), out);
    try {
      mop.awaitRunning(START, stop);
      return mop;
    } catch (CommandException | InterruptedException e) {
      mop.close();
      throw e;
    }
  }

  private Traffic.Result traffic(int port, List<String> paths) throws InterruptedException {
    try (Traffic traffic = new Traffic(port, rate, paths)) {
      stop.await(duration.toNanos(), TimeUnit.NANOSECONDS);
      return traffic.finish(Duration.ofSeconds(15));
    }
  }

  /** Before MOP: its last spans need a receiver. */
  private long stop(Orders orders) throws CommandException, IOException {
    OptionalLong served = orders.stop();
    orders.log().forEach(line -> err.println("orders: " + line));
    return served.orElseThrow(
        () -> new CommandException(ExitCode.FAILURE, "The service orders did not say how many requests it served."));
  }

  private SpanTable stop(MopProcess mop) throws InterruptedException {
    SpanTable table = mop.stop();
    mop.log().forEach(line -> err.println("MOP: " + line));
    return table;
  }

  private int compare(List<Count> counts) {
    out.println();
    for (Count count : counts) {
      String detail = count.detail().isEmpty() ? "" : " (" + count.detail() + ")";
      out.println(String.format(Locale.ROOT, "%-24s  %d%s", count.what(), count.number(), detail));
    }
    List<String> differences = differences(counts);
    differences.forEach(out::println);
    return differences.isEmpty() ? ExitCode.OK : ExitCode.FAILURE;
  }

  /** What does not agree, one sentence each: every count against the one before it of its group. */
  static List<String> differences(List<Count> counts) {
    List<String> differences = new ArrayList<>();
    Map<String, Count> before = new HashMap<>();
    for (Count count : counts) {
      Count other = before.put(count.group(), count);
      if (other == null || other.number() == count.number()) continue;
      long d = count.number() - other.number();
      differences.add(
          String.format(
              Locale.ROOT, "%s: %d %s than %s.", count.what(), Math.abs(d), d < 0 ? "fewer" : "more", other.what()));
    }
    return differences;
  }

  /**
   * @param nginx its port, if eBPF is to see it
   * @param otlp ports for OTLP/HTTP and OTLP/gRPC
   * @param terminal true = the table may be drawn over itself; MOP cannot tell, as its output passes through here
   */
  static String config(OptionalInt nginx, int orders, List<Integer> otlp, boolean terminal) {
    String ebpf = nginx.isEmpty() ? "" : "\n  ebpf:\n    select: [ { port: " + nginx.getAsInt() + " } ]";
    String seen =
        nginx.isEmpty()
            ? "root would add nginx, seen by eBPF"
            : "nginx on 127.0.0.1:" + nginx.getAsInt() + ", seen by eBPF";
    return """
        # Written by "mop demo".
        receivers:
          otlp:
            protocols:
              http: { endpoint: "127.0.0.1:%d" }
              grpc: { endpoint: "127.0.0.1:%d" }%s
        processors:
          attributes:
            actions:
              - { key: deployment.environment.name, action: insert, value: demo }
        exporters:
          summary:
            interval: 1s
            ansi: %s
            note:
              - "orders on 127.0.0.1:%d, by its OpenTelemetry SDK; %s"
              - "Ctrl-C ends the demo"
        service:
          pipelines:
            traces: { receivers: [%s], processors: [attributes], exporters: [summary] }
        """
        .formatted(
            otlp.get(0), otlp.get(1), ebpf, terminal ? "always" : "never", orders, seen,
            nginx.isEmpty() ? "otlp" : "otlp, ebpf");
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
