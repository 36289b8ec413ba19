package io.mop.bench;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The probe of HTTP or Redis is loaded and unloaded many times while both have traffic: that of the other loses nothing,
 * and nothing is left.
 */
final class Cycles {
  private static final String PROBE = "io.mop.plugins.probe-";
  /** Of an answer: more than a record of the kernel takes. */
  private static final int BODY = 10_000;
  private static final int LOOK_EVERY = 25;
  private static final int WARM_UP = 5;

  private final Places places;
  private final List<String> hooks;
  private final int cycles;
  private final int rate;
  private final String probe;
  private final List<String> problems = new ArrayList<>();

  Cycles(Places places, Options options) {
    this.places = places;
    hooks = options.hooks();
    cycles = options.number("cycles", 1000);
    rate = options.number("rate", 500);
    probe = options.text("probe").orElse("http");
    if (!List.of("http", "redis").contains(probe)) {
      throw new IllegalArgumentException("--probe " + probe + ": expected http or redis");
    }
  }

  /** True if nothing was lost and nothing is left. */
  boolean run() throws IOException, InterruptedException {
    for (String hook : hooks) {
      Path directory = Files.createTempDirectory("mop-cycles-");
      int before = problems.size();
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
      Path body = Files.writeString(directory.resolve("body"), "x".repeat(BODY));
      try (Nginx nginx = new Nginx("access_log off;", "location / { alias \"" + body + "\"; }");
          Redis redis = new Redis(directory.resolve("redis"))) {
        Path home = places.without(directory.resolve("home"), PROBE + probe);
        String receiver = Captured.select(List.of(nginx.pid(), redis.pid())) + ", ring: 64MiB, edges: false, hook: " + hook;
        Path files = Files.createDirectory(directory.resolve("mop"));
        try (Captured captured = new Captured(home, files, "bench", receiver)) {
          Path bundle = places.bundle(PROBE + probe);
          Path outside = directory.resolve("outside");
          Versions versions = new Versions(bundle, "probe-" + probe, captured.mop().plugins(), outside);
          new Run(hook, captured, versions).run(nginx.port(), redis.port());
        }
      }
      if (problems.size() == before) Host.delete(directory);
    }
    problems.forEach(p -> System.out.println("NOT EXACT: " + p));
    return problems.isEmpty();
  }

  /** One front end. */
  private final class Run {
    private final String hook;
    private final Captured captured;
    private final Mop mop;
    private final Versions versions;
    private long http;
    private long redis;
    private double slowest;

    Run(String hook, Captured captured, Versions versions) {
      this.hook = hook;
      this.captured = captured;
      mop = captured.mop();
      this.versions = versions;
    }

    /** Of the probe that comes and goes. */
    private long own() {
      return probe.equals("http") ? http : redis;
    }

    private long others() {
      return probe.equals("http") ? redis : http;
    }

    void run(int httpPort, int redisPort) throws IOException, InterruptedException {
      System.out.println("hook " + hook + ", " + Host.load());
      long answered;
      long failed;
      int done = 0;
      BpfFds fds;
      long loaders;
      long start;
      long shown = 0;
      try (RedisClient client = new RedisClient(redisPort);
          Traffic requests = Traffic.http(httpPort, rate);
          Traffic commands = new Traffic(client::ping, rate)) {
        Traffic traffic = probe.equals("http") ? commands : requests;
        for (int i = 1; i <= WARM_UP; i++) cycle(i); // what is made once is there now
        fds = BpfFds.of(mop.pid());
        loaders = Loaders.count(mop.pid());
        start = System.nanoTime();
        while (done < cycles && cycle(WARM_UP + done + 1)) done++;
        shown = own();
        requests.finish();
        commands.finish();
        answered = traffic.answered();
        failed = traffic.failed();
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      JsonObject end = captured.drained(60);
      take();
      System.out.printf(
          Locale.ROOT,
          "%d cycles of the %s probe in %.0f s; others: %d exchanges answered, %d failed, %d spans; its own: %d spans, the"
              + " first on an open connection after at most %.0f ms%n",
          done, probe, seconds, answered, failed, others(), shown, slowest);
      if (done < cycles) problems.add(hook + ": " + done + " cycles of " + cycles);
      if (failed > 0) problems.add(hook + ": " + failed + " requests failed");
      report(captured, end, done, Math.abs(answered - others()), fds, leaked(loaders));
    }

    /** In and out; the connection that stays open is seen while the probe is there. */
    private boolean cycle(int i) throws IOException {
      Path jar = versions.prepare("1.0." + i);
      String said = mop.ask("mop:plugins replace " + jar);
      if (mop.await(60, s -> Mop.versions(s, probe).contains("1.0." + i + " active")) == null) return failed(i, said);
      if (i % LOOK_EVERY == 1 && !seen()) return failed(i, "no span in 60 s");
      said = mop.ask("mop:plugins remove " + probe);
      if (mop.await(60, s -> Mop.versions(s, probe).stream().noneMatch(v -> v.endsWith(" active"))) == null) {
        return failed(i, said);
      }
      return true;
    }

    private boolean failed(int i, String said) throws IOException {
      problems.add(hook + ": cycle " + i + ": " + said.strip() + " " + Mop.versions(mop.status(), probe));
      return false;
    }

    private boolean seen() {
      take();
      long before = own();
      long start = System.nanoTime();
      while (own() == before) {
        if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(60)) return false;
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        take();
      }
      slowest = Math.max(slowest, (System.nanoTime() - start) / 1e6);
      return true;
    }

    private void take() {
      captured.take(s -> {
        if (!s.get("http.request.method").isEmpty()) http++;
        if (s.get("db.system.name").equals("redis")) redis++;
      });
    }

    /** Versions stay for the rollback window, so that this waits for it to pass. */
    private long leaked(long before) throws IOException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
      long more = Loaders.count(mop.pid()) - before;
      while (more > 0 && System.nanoTime() < end) {
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(5));
        more = Loaders.count(mop.pid()) - before;
      }
      return more;
    }

    private void report(Captured captured, JsonObject end, int done, long lost, BpfFds before, long loaders) throws IOException {
      BpfFds after = BpfFds.of(mop.pid());
      System.out.println("before " + before + ", after " + after + ", loaders more than before: " + loaders);
      int programs = after.programs() - before.programs();
      int maps = after.maps() - before.maps();
      int links = after.links() - before.links();
      if (before.programs() == 0 || before.maps() == 0) problems.add(hook + ": MOP holds no programs or maps");
      if (programs != 0 || maps != 0 || links != 0) problems.add(hook + ": programs, maps or links are left: " + after);
      if (loaders > 0) problems.add(hook + ": " + loaders + " class loaders more than before");
      if (lost != 0) problems.add(hook + ": " + lost + " spans of others differ");
      if (!problems.isEmpty()) captured.print(end);
      System.out.println(Host.load());
      System.out.printf(
          "RESULT probe-cycles hook=%s cycles=%d leaked_programs=%d leaked_maps=%d leaked_loaders=%d others_lost=%d%n",
          hook, done, programs, maps, Math.max(0, loaders), lost);
    }
  }
}
