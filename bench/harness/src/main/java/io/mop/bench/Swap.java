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

/** A processor with state is replaced, removed and returned under load: all arrives once and its state goes on. */
final class Swap {
  private static final int REPLACED = 50;
  private static final int RETURNED = 5;
  private static final int RATE = 500;
  private static final int HTTP_RATE = 100;
  private static final long AFTERWARDS = TimeUnit.MILLISECONDS.toNanos(200);
  private static final List<String> COUNTS = List.of("processors.bench_count/sdk", "processors.bench_count/nginx");

  private final Places places;
  private final int requests;
  private final int each;
  private final int rate;
  private final Gaps replacing = new Gaps();
  private final Gaps missing = new Gaps();
  private final List<String> problems = new ArrayList<>();
  private double slowest;
  private int swaps;
  private int version;

  Swap(Places places, Options options) {
    this.places = places;
    int spans = options.number("spans", 1_000_000);
    requests = options.number("requests", 40_000);
    each = Math.max(1, (spans + requests - 1) / requests);
    if (each > 500) {
      throw new IllegalArgumentException("at most 500 spans fit one request: more --requests or fewer --spans");
    }
    rate = options.number("rate", RATE);
  }

  /** True if all is exact. */
  boolean run() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("mop-swap-");
    boolean all = run(directory);
    if (all) Host.delete(directory); // else what MOP logged is of use
    return all;
  }

  private boolean run(Path directory) throws IOException, InterruptedException {
    int port = Host.freePort();
    try (Sink sdk = new Sink(); Sink http = new Sink(); Nginx nginx = new Nginx()) {
      Path outside = directory.resolve("outside");
      Path plugins = Files.createDirectories(directory.resolve("plugins"));
      Versions versions = new Versions(places.count(), "bench_count", plugins, outside);
      versions.drop(name());
      String yaml = yaml(port, sdk.url(), http.url(), nginx.pid());
      try (Mop mop = new Mop(places.home(), directory, yaml, List.of(), List.of())) {
        if (mop.await(60, this::works) == null) throw new IOException("MOP did not start: " + mop.log());
        return run(mop, versions, sdk, http, nginx, port);
      }
    }
  }

  private static String yaml(int port, String sdk, String http, long nginx) {
    return """
        receivers:
          otlp: { protocols: { grpc: { endpoint: 127.0.0.1:%d } } }
          ebpf: { select: [ { pid: %d } ] }
        processors:
          bench_count/sdk:
          bench_count/nginx:
        exporters:
          otlp/sdk: { endpoint: "%s", compression: none }
          otlp/nginx: { endpoint: "%s", compression: none }
        service:
          pipelines:
            traces/sdk: { receivers: [otlp], processors: [bench_count/sdk], exporters: [otlp/sdk] }
            traces/nginx: { receivers: [ebpf], processors: [bench_count/nginx], exporters: [otlp/nginx] }
        """
        .formatted(port, nginx, sdk, http);
  }

  private String name() {
    return "1.0." + version;
  }

  private boolean works(JsonObject status) {
    return Mop.running(status)
        && Mop.component(status, "receivers.ebpf").getBoolean("healthy", false)
        && COUNTS.stream().allMatch(c -> Mop.component(status, c).getString("version", "").startsWith(name()));
  }

  private static boolean gone(JsonObject status) {
    return Mop.running(status)
        && COUNTS.stream().noneMatch(c -> Mop.component(status, c).getBoolean("healthy", false));
  }

  private boolean run(Mop mop, Versions versions, Sink sdk, Sink http, Nginx nginx, int port)
      throws IOException, InterruptedException {
    Sender.Acked acked;
    long answered;
    long failed;
    long before;
    try (Sender sender = new Sender("http://127.0.0.1:" + port, requests, each, rate);
        Traffic traffic = Traffic.http(nginx.port(), HTTP_RATE)) {
      awaitSpans(sdk, 20L * each, 30);
      before = Loaders.count(mop.pid());
      swaps(mop, versions, sender, sdk);
      traffic.finish();
      answered = traffic.answered();
      failed = traffic.failed();
      acked = sender.finish();
    }
    awaitSpans(sdk, acked.spans(), 60);
    awaitSpans(http, answered, 20);
    JsonObject end = mop.await(30, s -> differences(s).isEmpty() && held(s) == 0);
    if (end == null) end = mop.status();
    long leaked = leaked(mop, before);
    System.out.println("bench_count after the collections: " + Mop.versions(mop.status(), "bench_count"));
    report(mop, end, acked, answered, failed, sdk, http, leaked);
    return problems.isEmpty();
  }

  private void swaps(Mop mop, Versions versions, Sender sender, Sink sdk) throws IOException {
    int between = REPLACED / RETURNED;
    for (int i = 1; i <= REPLACED + RETURNED; i++) {
      if (!sender.running()) {
        problems.add("the SDK's process ended after " + swaps + " swaps");
        return;
      }
      // On the way, so that versions live long enough to see spans.
      long seen = sdk.spans();
      awaitSpans(sdk, seen + 10L * each, 30);
      boolean done = i % (between + 1) == 0 ? comeBack(mop, versions, i) : replace(mop, versions, i);
      if (!done) {
        problems.add(
            "version " + name() + " was not active in 60 s: " + mop.ask("mop:plugins why bench_count").strip());
        return;
      }
      swaps++;
    }
  }

  /** By a renamed file and by the command in turn. */
  private boolean replace(Mop mop, Versions versions, int i) throws IOException {
    version++;
    long from;
    if (i % 2 == 0) {
      from = System.nanoTime();
      versions.drop(name());
    } else {
      Path jar = versions.prepare(name());
      from = System.nanoTime();
      mop.ask("mop:plugins replace " + jar);
    }
    return active(mop, replacing, from);
  }

  private boolean comeBack(Mop mop, Versions versions, int i) throws IOException {
    version++;
    long from = System.nanoTime();
    if (i % 2 == 0) Files.delete(versions.file());
    else mop.ask("mop:plugins remove bench_count");
    if (mop.await(30, Swap::gone) == null) return false;
    LockSupport.parkNanos(AFTERWARDS);
    versions.drop(name());
    return active(mop, missing, from);
  }

  private boolean active(Mop mop, Gaps gaps, long from) {
    if (mop.await(60, this::works) == null) return false;
    long to = System.nanoTime();
    gaps.add(from, to + AFTERWARDS);
    if (gaps == replacing) slowest = Math.max(slowest, (to - from) / 1e6);
    return true;
  }

  private static void awaitSpans(Sink sink, long spans, int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (sink.spans() < spans && System.nanoTime() < end) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
  }

  private static List<String> differences(JsonObject status) {
    if (!status.containsKey("flows")) return List.of("there is no status");
    return status.getJsonArray("flows").getValuesAs(JsonObject.class).stream()
        .filter(f -> f.getJsonNumber("difference").longValue() != 0)
        .map(JsonObject::toString)
        .toList();
  }

  private static long held(JsonObject status) {
    return status.getJsonArray("flows").getValuesAs(JsonObject.class).stream()
        .mapToLong(f -> f.getJsonNumber("held").longValue())
        .sum();
  }

  /** More loaders than before; versions stay for the rollback window, so that this waits for it to pass. */
  private static long leaked(Mop mop, long before) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    long more = Loaders.count(mop.pid()) - before;
    while (more > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(5));
      more = Loaders.count(mop.pid()) - before;
    }
    return more;
  }

  private void report(
      Mop mop, JsonObject end, Sender.Acked acked, long answered, long failed, Sink sdk, Sink http, long leaked)
      throws IOException {
    System.out.println(Host.load());
    exact("spans acknowledged / at the sink", acked.spans(), sdk.spans());
    exact("sum of their ids", acked.sum(), sdk.sum());
    exact("exclusive or of their ids", acked.xor(), sdk.xor());
    exact("requests nginx answered / spans", answered, http.spans());
    exact("requests without an answer", 0, failed);
    exact("swaps", REPLACED + RETURNED, swaps);
    for (String path : COUNTS) {
      long state = mop.counter(end, path + " total_" + swaps);
      long expected = path.endsWith("sdk") ? acked.spans() : answered;
      exact("count of the last version, " + path.substring(path.indexOf('.') + 1), expected, state);
    }
    exact("ledger rows that do not balance", 0, differences(end).size());
    differences(end).forEach(System.out::println);
    System.out.printf("class loaders more than before: %d%n", leaked);
    if (leaked > 2) problems.add(leaked + " class loaders more than before");
    if (!sdk.problem().isEmpty()) problems.add(sdk.problem());
    if (!http.problem().isEmpty()) problems.add(http.problem());
    long[] arrivals = sdk.arrivals();
    gaps("while replaced, " + REPLACED + " times", replacing.around(arrivals));
    gaps("while removed and returned", missing.around(arrivals));
    gaps("all", new Gaps().apart(arrivals));
    System.out.printf(
        Locale.ROOT, "%d requests, %d refused and sent again; slowest replacement %.0f ms%n", acked.requests(),
        acked.failed(), slowest);
    if (!problems.isEmpty()) {
      flows(end);
      problems.forEach(p -> System.out.println("NOT EXACT: " + p));
    }
    System.out.printf(
        Locale.ROOT,
        "RESULT swap sent=%d received=%d swaps=%d gap_p99_ms=%.1f leaked_loaders=%d%n",
        acked.spans() + answered,
        sdk.spans() + http.spans(),
        swaps,
        Gaps.quantile(replacing.around(arrivals), 0.99),
        leaked);
  }

  private void exact(String what, long expected, long found) {
    System.out.printf("%-48s %20d %20d %s%n", what, expected, found, expected == found ? "" : "DIFFERENT");
    if (expected != found) problems.add(what + ": expected " + expected + ", found " + found);
  }

  private static void gaps(String what, double[] ms) {
    System.out.printf(
        Locale.ROOT,
        "gaps between requests at the sink, %-28s n=%d p50=%.1f p99=%.1f max=%.1f ms%n",
        what, ms.length, Gaps.quantile(ms, 0.5), Gaps.quantile(ms, 0.99), Gaps.quantile(ms, 1));
  }

  private static void flows(JsonObject status) {
    if (status.containsKey("flows")) status.getJsonArray("flows").forEach(System.out::println);
    if (status.containsKey("counters")) System.out.println(status.getJsonObject("counters"));
  }
}
