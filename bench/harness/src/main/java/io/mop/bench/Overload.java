package io.mop.bench;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A ring of 64 KiB whose reader is stopped most of the time: what is lost is counted, and nothing is paired wrongly.
 */
final class Overload {
  private static final int CONNECTIONS = 32;
  private static final int DEPTH = 4;
  /** On a ring that fills within milliseconds, this is an overload of ten times and more. */
  private static final long RUNS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long STOPPED = TimeUnit.MILLISECONDS.toNanos(60);
  /** What a call can be that moves no bytes of a connection. */
  private static final List<String> NO_BYTES =
      List.of("failed_call", "nothing", "peeked", "other_family", "count_only");

  private final Places places;
  private final List<String> hooks;
  private final int requests;
  private final List<String> problems = new ArrayList<>();

  Overload(Places places, Options options) {
    this.places = places;
    hooks = options.hooks();
    requests = options.number("requests", 200_000);
  }

  /** True if what was captured and what was counted as lost is all there was, and no pair is wrong. */
  boolean run() throws IOException, InterruptedException {
    for (String hook : hooks) {
      Path directory = Files.createTempDirectory("mop-overload-");
      int before = problems.size();
      run(hook, directory);
      if (problems.size() == before) Host.delete(directory);
    }
    problems.forEach(p -> System.out.println("NOT EXACT: " + p));
    return problems.isEmpty();
  }

  private void run(String hook, Path directory) throws IOException, InterruptedException {
    int port = Host.freePort();
    Path calls = directory.resolve("calls.txt");
    Path output = directory.resolve("server.out");
    Process server =
        Host.java(IdServer.class, "" + port, calls.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      Host.awaitPort(server, port, output);
      long probed = 1; // the read at the end of the connection by which that was found out; MOP was not there
      String receiver = Captured.select(List.of(server.pid())) + ", ring: 64KiB, hook: " + hook;
      try (Captured captured = new Captured(places.home(), Files.createDirectory(directory.resolve("mop")), receiver)) {
        System.out.println("hook " + hook + ", " + Host.load());
        try (HttpLoad plain = new HttpLoad(port, CONNECTIONS, 1, 1);
            HttpLoad pipelined = new HttpLoad(port, CONNECTIONS, DEPTH, 1 + requests / 2)) {
          Thread stops = stopping(captured.mop().pid());
          double rate = plain.run(requests / 2).perSecond();
          rate = Math.min(rate, pipelined.run(requests - requests / 2).perSecond());
          stops.interrupt();
          stops.join();
          System.out.printf(Locale.ROOT, "%d requests, %.0f/s or more%n", requests, rate);
          captured.drained(60); // there is room now for the closes, which say how many records there were
        }
        JsonObject end = captured.drained(60);
        Host.stop(server);
        report(hook, captured, end, Long.parseLong(Files.readString(calls)) - probed);
      }
    } finally {
      Host.stop(server);
    }
  }

  /** Until interrupted; the process runs on then. */
  private static Thread stopping(long pid) {
    Thread thread =
        new Thread(
            () -> {
              try {
                try {
                  while (!Thread.interrupted()) {
                    Host.signal("STOP", pid);
                    LockSupport.parkNanos(STOPPED);
                    Host.signal("CONT", pid);
                    LockSupport.parkNanos(RUNS);
                  }
                } catch (InterruptedException e) {
                  // that is the end
                }
                Host.signal("CONT", pid);
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            },
            "bench-stops");
    thread.start();
    return thread;
  }

  private void report(String hook, Captured captured, JsonObject end, long calls) throws IOException {
    long seen = captured.counter(end, "kernel_seen") + captured.counter(end, "kernel_continued");
    for (String outcome : NO_BYTES) seen -= captured.counter(end, "kernel_" + outcome);
    long lost = captured.counter(end, "kernel_reserve_failed") + captured.counter(end, "kernel_no_state");
    long read =
        captured.counter(end, "records") - captured.counter(end, "kernel_open") - captured.counter(end, "kernel_close");
    Map<String, Integer> wrong = new TreeMap<>();
    BitSet paired = new BitSet();
    captured.take(s -> pair(s, paired, wrong));
    long mispaired = wrong.values().stream().mapToLong(Integer::intValue).sum();
    exact(hook, "calls of the server / seen", calls, seen);
    exact(hook, "captured + lost / seen", read + lost, seen);
    exact(hook, "lost / missing in the connections' numbers", lost, captured.counter(end, "capture_records_lost"));
    exact(hook, "pairs that are not of one exchange", 0, mispaired);
    System.out.printf(
        Locale.ROOT, "%d of %d exchanges are spans, all right; overload %.1f times%n",
        paired.cardinality(), requests, (double) seen / Math.max(1, read));
    if (paired.isEmpty() || lost == 0) problems.add(hook + ": there must be spans, and loss");
    wrong.keySet().stream().limit(5).forEach(System.out::println);
    if (!problems.isEmpty()) captured.print(end);
    System.out.println(Host.load());
    System.out.printf(
        "RESULT ring-overload hook=%s seen=%d captured=%d lost=%d mispaired=%d%n", hook, seen, read, lost, mispaired);
  }

  private static void pair(SpanRow s, BitSet paired, Map<String, Integer> wrong) {
    if (s.get("http.request.method").isEmpty()) return;
    int number = Integer.parseInt(s.get("url.path").substring(s.get("url.path").lastIndexOf('/') + 1));
    boolean right =
        s.get("http.response.status_code").equals("" + IdServer.status(number))
            && s.get("http.response.body.size").equals("" + IdServer.length(number))
            && !paired.get(number);
    paired.set(number);
    if (!right) wrong.merge(s.attributes().toString(), 1, Integer::sum);
  }

  private void exact(String hook, String what, long expected, long found) {
    System.out.printf("%-48s %12d %12d %s%n", what, expected, found, expected == found ? "" : "DIFFERENT");
    if (expected != found) problems.add(hook + ": " + what + ": expected " + expected + ", found " + found);
  }
}
