package io.mop.bench;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The Redis probe is loaded and unloaded many times under HTTP traffic: that loses nothing, and nothing is left. */
final class Cycles {
  private static final String PROBE = "io.mop.plugins.probe-redis";
  private static final int LOOK_EVERY = 25;
  private static final int WARM_UP = 5;

  private final Places places;
  private final List<String> hooks;
  private final int cycles;
  private final int rate;
  private final List<String> problems = new ArrayList<>();

  Cycles(Places places, Options options) {
    this.places = places;
    hooks = options.hooks();
    cycles = options.number("cycles", 1000);
    rate = options.number("rate", 500);
  }

  /** True if nothing was lost and nothing is left. */
  boolean run() throws IOException, InterruptedException {
    for (String hook : hooks) {
      Path directory = Files.createTempDirectory("mop-cycles-");
      int before = problems.size();
      try (Nginx nginx = new Nginx(); Redis redis = new Redis(directory.resolve("redis"))) {
        Path home = places.without(directory.resolve("home"), PROBE);
        String receiver = Captured.select(List.of(nginx.pid(), redis.pid())) + ", ring: 64MiB, edges: false, hook: " + hook;
        Path files = Files.createDirectory(directory.resolve("mop"));
        try (Captured captured = new Captured(home, files, "bench", receiver)) {
          Versions versions =
              new Versions(places.bundle(PROBE), "probe-redis", captured.mop().plugins(), directory.resolve("outside"));
          new Run(hook, captured, versions, redis).run(nginx.port());
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
    private final Redis redis;
    private long http;
    private long commands;
    private double slowest;

    Run(String hook, Captured captured, Versions versions, Redis redis) {
      this.hook = hook;
      this.captured = captured;
      mop = captured.mop();
      this.versions = versions;
      this.redis = redis;
    }

    void run(int port) throws IOException, InterruptedException {
      System.out.println("hook " + hook + ", " + Host.load());
      long answered;
      long failed;
      int done = 0;
      BpfFds fds;
      long loaders;
      long start;
      try (Traffic traffic = new Traffic(port, rate); RedisClient client = new RedisClient(redis.port())) {
        for (int i = 1; i <= WARM_UP; i++) cycle(i, client); // what is made once is there now
        fds = BpfFds.of(mop.pid());
        loaders = Loaders.count(mop.pid());
        start = System.nanoTime();
        while (done < cycles && cycle(WARM_UP + done + 1, client)) done++;
        traffic.finish();
        answered = traffic.answered();
        failed = traffic.failed();
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      JsonObject end = captured.drained(60);
      take();
      System.out.printf(
          Locale.ROOT,
          "%d cycles in %.0f s; %d requests answered, %d failed, %d spans; first span of Redis after at most %.0f ms, %d times%n",
          done, seconds, answered, failed, http, slowest, commands);
      if (done < cycles) problems.add(hook + ": " + done + " cycles of " + cycles);
      if (failed > 0) problems.add(hook + ": " + failed + " requests failed");
      report(captured, end, done, Math.abs(answered - http), fds, leaked(loaders));
    }

    /** In and out; a command on a connection that stays open is seen while the probe is there. */
    private boolean cycle(int i, RedisClient client) throws IOException {
      Path jar = versions.prepare("1.0." + i);
      String said = mop.ask("mop:plugins replace " + jar);
      if (mop.await(60, s -> Mop.versions(s, "redis").contains("1.0." + i + " active")) == null) return failed(i, said);
      if (i % LOOK_EVERY == 1 && !seen(client)) return failed(i, "no span of Redis in 60 s");
      said = mop.ask("mop:plugins remove redis");
      if (mop.await(60, s -> Mop.versions(s, "redis").stream().noneMatch(v -> v.endsWith(" active"))) == null) {
        return failed(i, said);
      }
      return true;
    }

    private boolean failed(int i, String said) throws IOException {
      problems.add(hook + ": cycle " + i + ": " + said.strip() + " " + Mop.versions(mop.status(), "redis"));
      return false;
    }

    private boolean seen(RedisClient client) throws IOException {
      long before = commands;
      long start = System.nanoTime();
      while (commands == before) {
        if (System.nanoTime() - start > TimeUnit.SECONDS.toNanos(60)) return false;
        client.ping();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        take();
      }
      slowest = Math.max(slowest, (System.nanoTime() - start) / 1e6);
      return true;
    }

    private void take() {
      captured.take(s -> {
        if (!s.get("http.request.method").isEmpty()) http++;
        if (s.get("db.system.name").equals("redis")) commands++;
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
