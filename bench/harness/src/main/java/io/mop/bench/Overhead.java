package io.mop.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipFile;

/** What capture costs: the programs alone an event, and kernel and JVM together a request of nginx and of Redis. */
final class Overhead {
  /** Processors. */
  private static final String SERVERS = "0";
  private static final String OTHERS = "1";
  private static final String ALL = "0-" + (Runtime.getRuntime().availableProcessors() - 1);
  private static final int DEPTH = 32;
  private static final int REDIS_RATE = 64_000;
  private static final int SMALL = 256;
  private static final int BIG = 16 << 10;
  /** Of each load: by then most is compiled. */
  private static final int WARM_UP_SECONDS = 8;

  private final Places places;
  private final List<String> hooks;
  private final int pairs;
  private final int seconds;
  private boolean exact = true;

  Overhead(Places places, Options options) {
    this.places = places;
    hooks = options.hooks();
    pairs = options.number("pairs", 9);
    seconds = options.number("seconds", 2);
    if (Runtime.getRuntime().availableProcessors() < 2) {
      throw new IllegalArgumentException("servers and capture need a processor each, this machine has one");
    }
  }

  /** True if at fixed rates each request became a span. */
  boolean run() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("mop-overhead-");
    for (String hook : hooks) run(hook, directory);
    if (exact) Host.delete(directory);
    return exact;
  }

  private void run(String hook, Path directory) throws IOException, InterruptedException {
    System.out.println("hook " + hook + ", " + Host.load());
    System.out.printf("%-28s %10s %10s %13s%n", "", "off", "on", "difference");
    Micro micro = micro(hook, directory);
    try (Nginx nginx = new Nginx(); Redis redis = new Redis(directory.resolve("redis-" + hook))) {
      String receiver = Captured.select(List.of(nginx.pid(), redis.pid())) + ", hook: " + hook;
      try (Switched mop = new Switched(places.home(), directory.resolve("mop-" + hook), receiver)) {
        long worker = ProcessHandle.of(nginx.pid()).orElseThrow().children().findFirst().orElseThrow().pid();
        for (long server : new long[] {nginx.pid(), worker, redis.pid()}) pin(server, SERVERS);
        long self = ProcessHandle.current().pid();
        for (long other : new long[] {mop.pid(), self}) pin(other, OTHERS);
        redis.tool("redis-cli", "SET", "key", "value");
        Loads loads = new Loads(CPrograms.compile(places, "load", directory), nginx.port(), worker, redis);
        measure(mop, loads.all());
        pin(self, ALL);
        report(hook, micro, loads);
      }
    }
  }

  private Micro micro(String hook, Path directory) throws IOException, InterruptedException {
    Path object = object(directory, "io.mop.bpf", "io/mop/bpf/capture.bpf.o");
    Path classifier = object(directory, "io.mop.plugins.probe-http", "io/mop/plugins/http/http.bpf.o");
    Path program = CPrograms.compile(places, "overhead", directory);
    new Micro(program, object, classifier, hook, SERVERS, pairs, BIG).print();
    Micro small = new Micro(program, object, classifier, hook, SERVERS, pairs, SMALL);
    small.print();
    return small;
  }

  private void report(String hook, Micro micro, Loads loads) throws IOException {
    System.out.printf(
        "CPU of the server and of MOP by /proc/PID/task/*/schedstat, medians of %d pairs of %d s%n", pairs, seconds);
    loads.all().forEach(Load::print);
    System.out.println(Host.load());
    System.out.printf(
        Locale.ROOT,
        "RESULT overhead hook=%s ns_full=%.0f ns_header=%.0f ns_sampled_out=%.0f ns_foreign_syscall=%.0f"
            + " cpu_us_per_http_request=%.2f cpu_us_per_redis_op=%.2f nginx_kept_pct=%.0f core_pct_1k=%.2f"
            + " core_pct_10k=%.2f%n",
        hook, micro.perEvent("full"), micro.perEvent("header_only"), micro.perEvent("count_only"),
        micro.perEvent("foreign_syscall"), loads.fast.whole(), loads.deep.whole(), 100 * loads.full.kept(),
        loads.slow.corePercent(), loads.faster.corePercent());
  }

  private final class Loads {
    final Load slow;
    final Load fast;
    final Load faster;
    final Load deep;
    final Load full;

    Loads(Path program, int nginx, long worker, Redis redis) {
      String get = "GET /orders/1 HTTP/1.1\r\nHost: bench\r\n\r\n";
      String key = "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n";
      slow = new Load("nginx, 1000 requests/s", program, nginx, worker, 8, 1, 1_000, get);
      fast = new Load("nginx, 5000 requests/s", program, nginx, worker, 8, 1, 5_000, get);
      faster = new Load("nginx, 10000 requests/s", program, nginx, worker, 16, 1, 10_000, get);
      deep = new Load("Redis, depth " + DEPTH, program, redis.port(), redis.pid(), 4, DEPTH, REDIS_RATE, key);
      full = new Load("nginx, saturated", program, nginx, worker, 32, 1, 0, get);
    }

    List<Load> all() {
      return List.of(slow, fast, faster, deep, full);
    }
  }

  /** Programs, out of the distribution. */
  private Path object(Path directory, String name, String entry) throws IOException {
    Path object = directory.resolve(Path.of(entry).getFileName());
    try (ZipFile bundle = new ZipFile(places.bundle(name).toFile());
        InputStream programs = bundle.getInputStream(bundle.getEntry(entry))) {
      Files.copy(programs, object, StandardCopyOption.REPLACE_EXISTING);
    }
    return object;
  }

  private static void pin(long pid, String processors) throws IOException, InterruptedException {
    Host.output(new ProcessBuilder("taskset", "-a", "-c", "-p", processors, "" + pid));
  }

  /** Off and on in turn, which of them first in turn too. What is measured is a MOP that runs for a while. */
  private void measure(Switched mop, List<Load> loads) throws IOException, InterruptedException {
    mop.capture(true);
    for (int i = 0; i < WARM_UP_SECONDS; i += seconds) {
      for (Load l : loads) l.once(mop, true, false);
    }
    for (int i = 0; i < pairs; i++) {
      for (boolean on : new boolean[] {i % 2 != 0, i % 2 == 0}) {
        mop.capture(on);
        loads.get(0).once(mop, on, false); // else what the change leaves behind is taken for the first one's
        for (Load l : loads) l.once(mop, on, true);
      }
    }
  }

  /** One load on one server. */
  private final class Load {
    private final String name;
    private final List<String> command = new ArrayList<>();
    private final long server;
    private final int rate;
    private final List<Double> off = new ArrayList<>();
    private final List<Double> on = new ArrayList<>();
    private final List<Double> jvm = new ArrayList<>();
    private final List<Double> rateOff = new ArrayList<>();
    private final List<Double> rateOn = new ArrayList<>();
    private long requests;
    private long lost;

    Load(String name, Path program, int port, long server, int connections, int depth, int rate, String request) {
      this.name = name;
      this.server = server;
      this.rate = rate;
      for (Object word : new Object[] {program, port, connections, depth, rate, 1000L * seconds, OTHERS, request}) {
        command.add(word.toString());
      }
    }

    void once(Switched mop, boolean capture, boolean counts) throws IOException, InterruptedException {
      long spans = mop.spans();
      long serverBefore = Host.taskNanos(server);
      long mopBefore = Host.taskNanos(mop.pid());
      String[] said = Host.output(new ProcessBuilder(command)).split("[ \n]");
      double answered = Double.parseDouble(said[0]);
      double perSecond = answered * 1e9 / Double.parseDouble(said[1]);
      double cost = (Host.taskNanos(server) - serverBefore) / answered / 1000;
      long asked = (long) answered + 1; // the one by which the load learns how long an answer is
      if (capture && !mop.awaitSpans(spans + asked, 10) && counts) lost += asked - (mop.spans() - spans);
      double mopCost = (Host.taskNanos(mop.pid()) - mopBefore) / answered / 1000;
      if (!counts) return;
      (capture ? on : off).add(cost);
      (capture ? rateOn : rateOff).add(perSecond);
      if (!capture) return;
      jvm.add(mopCost);
      requests += asked;
    }

    /** CPU µs that capture costs a request: more of the server's, and all of MOP's. */
    double whole() {
      return server() + median(jvm);
    }

    private double server() {
      return median(differences(on, off));
    }

    double corePercent() {
      return whole() * median(rateOn) / 1e4;
    }

    /** Share of the requests that the server's processor still answers. */
    double kept() {
      return median(ratios(off, on));
    }

    void print() {
      System.out.printf(
          Locale.ROOT,
          "%-28s %10.2f %10.2f %10.2f µs a request of the server, MOP %.2f; %.0f/s, on %.0f %%; %d requests, %d without"
              + " a span%n",
          name, median(off), median(on), server(), median(jvm), median(rateOff), 100 * median(ratios(rateOn, rateOff)),
          requests, lost);
      if (lost > 0 && rate > 0) {
        exact = false;
        System.out.println("NOT EXACT: " + name + ": " + lost + " of " + requests + " requests are no spans");
      }
    }
  }

  private static List<Double> differences(List<Double> a, List<Double> b) {
    List<Double> differences = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) differences.add(a.get(i) - b.get(i));
    return differences;
  }

  private static List<Double> ratios(List<Double> a, List<Double> b) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < a.size(); i++) ratios.add(a.get(i) / b.get(i));
    return ratios;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
