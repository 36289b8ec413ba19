package io.mop.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What capture keeps: memory of the kernel with and without connections, and of MOP while processes come and go. */
final class Footprint {
  private static final int CONNECTIONS = 10_000;
  /** So that each connection is used at least twice. */
  private static final int RATE = 8_000;
  private static final int MILLIS = 4_000;
  private static final int CPU = 0;
  /** Processes are looked for once a second. */
  private static final long SELECTED = TimeUnit.SECONDS.toNanos(3);

  private final Places places;
  private final List<String> hooks;
  private final int execs;
  private boolean exact = true;

  Footprint(Places places, Options options) {
    this.places = places;
    hooks = options.hooks();
    execs = options.number("execs", 100_000);
  }

  /** True if all connections and processes were captured. */
  boolean run() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("mop-footprint-");
    Path load = CPrograms.compile(places, "load", directory);
    Path processes = CPrograms.compile(places, "execs", directory);
    for (String hook : hooks) {
      System.out.println("hook " + hook + ", " + Host.load());
      try (Redis redis = new Redis(directory.resolve("redis-" + hook))) {
        // The clients: their end is the only one of a connection that is observed.
        String receiver = "select: [ { exe: \"" + load + "\" }, { exe: \"" + processes + "\" } ], hook: " + hook;
        try (Switched mop = new Switched(places.home(), directory.resolve("mop-" + hook), receiver)) {
          mop.capture(true);
          run(hook, mop, redis, load, processes);
        }
      }
    }
    if (exact) Host.delete(directory);
    return exact;
  }

  private void run(String hook, Switched mop, Redis redis, Path load, Path processes)
      throws IOException, InterruptedException {
    double idle = LockedMemory.megabytes(mop.pid());
    double busy = connections(mop, redis, load);
    spawn(mop, redis, processes, Math.max(1, execs / 5)); // warm-up
    double before = resident(mop);
    List<Double> during = spawn(mop, redis, processes, execs);
    double after = resident(mop);
    during.sort(null);
    double steady = during.get(during.size() / 2);
    double peak = during.get(during.size() - 1);
    System.out.printf(
        Locale.ROOT,
        "maps %.1f MB, with %d connections and what is kept with their sockets %.1f MB%n"
            + "resident after a collection %.1f MB, after %d processes more %.1f MB;"
            + " meanwhile median %.1f MB, most %.1f MB%n",
        idle, CONNECTIONS, busy, before, execs, after, steady, peak);
    System.out.println(Host.load());
    System.out.printf(
        Locale.ROOT,
        "RESULT footprint hook=%s locked_mb_idle=%.1f locked_mb_10k_conns=%.1f rss_growth_mb_100k_exec=%.1f"
            + " rss_peak_over_steady=%.2f%n",
        hook, idle, busy, after - before, peak / steady);
  }

  /** Memory of the kernel while all connections are open and known. */
  private double connections(Switched mop, Redis redis, Path load) throws IOException, InterruptedException {
    long before = mop.counter("kernel_open");
    List<String> command = new ArrayList<>();
    for (Object word : new Object[] {load, redis.port(), CONNECTIONS, 1, RATE, MILLIS, CPU, "PING\r\n"}) {
      command.add(word.toString());
    }
    Process clients = new ProcessBuilder(command).redirectErrorStream(true).start();
    double maps = 0;
    while (clients.isAlive()) maps = Math.max(maps, LockedMemory.megabytes(mop.pid()));
    String[] said = new String(clients.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("[ \n]");
    long open = mop.awaitCounter("kernel_open", before + CONNECTIONS, 10) - before;
    check(open >= CONNECTIONS, open + " of " + CONNECTIONS + " connections were seen");
    return maps + Long.parseLong(said[2]) / 1048576.0;
  }

  /** Resident memory in MB of what is kept. */
  private static double resident(Switched mop) throws IOException {
    Host.jcmd(mop.pid(), "GC.run");
    return Host.rssKib(mop.pid()) / 1024.0;
  }

  /** Resident memory in MB while so many processes come and go. */
  private List<Double> spawn(Switched mop, Redis redis, Path processes, int count)
      throws IOException, InterruptedException {
    List<Double> resident = new ArrayList<>();
    long open = mop.counter("kernel_open");
    long spans = mop.spans();
    List<String> command = List.of(processes.toString(), "" + redis.port(), "" + count);
    Process parent = new ProcessBuilder(command).redirectErrorStream(true).start();
    LockSupport.parkNanos(SELECTED); // its children are from their fork on
    parent.getOutputStream().close();
    while (parent.isAlive()) {
      resident.add(Host.rssKib(mop.pid()) / 1024.0);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
    String said = new String(parent.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (parent.exitValue() != 0) throw new IOException(said);
    long seen = mop.awaitCounter("kernel_open", open + count, 10) - open;
    System.out.printf("%d processes, %d connections of theirs seen, %d spans%n", count, seen, mop.spans() - spans);
    check(seen == count, "of " + count + " processes " + seen + " were seen");
    return resident;
  }

  private void check(boolean holds, String problem) {
    if (holds) return;
    exact = false;
    System.out.println("NOT EXACT: " + problem);
  }
}
