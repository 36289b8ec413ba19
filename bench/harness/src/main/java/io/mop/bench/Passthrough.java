package io.mop.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What a span costs on its way from OTLP/gRPC through the attributes processor to OTLP/gRPC, acknowledged after export.
 */
final class Passthrough {
  private static final int ROUNDS = 5;
  private static final int STEADY = 25_000;
  private static final int IDLE_SECONDS = 60;

  private final Places places;
  private final int seconds;
  private final Optional<Path> peer;
  private final Optional<Path> peerConfig;
  private boolean exact = true;

  Passthrough(Places places, Options options) {
    this.places = places;
    seconds = options.number("seconds", 8);
    peer = options.text("peer").map(Path::of);
    peerConfig = options.text("peer-config").map(Path::of);
    if (peer.isPresent() != peerConfig.isPresent()) {
      throw new IllegalArgumentException("--peer and --peer-config go together");
    }
  }

  /** A collector under load. */
  private record Target(String name, long pid, int plain, int gzip, Tally sink) {
    String url(boolean compressed) {
      return "http://127.0.0.1:" + (compressed ? gzip : plain);
    }
  }

  /** Of all rounds of one load, in the order of the rounds. */
  private static final class Cost {
    private final List<Double> cpu = new ArrayList<>();
    private final List<Double> rate = new ArrayList<>();
    private long spans;
    private long refused;
  }

  /** True if all that was acknowledged arrived. */
  boolean run() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("mop-passthrough-");
    boolean all = run(directory);
    if (all) Host.delete(directory);
    return all;
  }

  private boolean run(Path directory) throws IOException, InterruptedException {
    int port = Host.freePort();
    int gzipPort = Host.freePort();
    GcLog gc = new GcLog(directory.resolve("gc.log"));
    try (GrpcSink sink = new GrpcSink(); GrpcSink peerSink = new GrpcSink()) {
      String yaml = yaml(port, gzipPort, sink.endpoint());
      Idle idle = idle(directory, yaml);
      Path loaded = Files.createDirectory(directory.resolve("loaded"));
      try (Mop mop = new Mop(places.home(), loaded, "gateway", yaml, List.of(gc.option()), List.of())) {
        if (mop.await(60, Mop::running) == null) throw new IOException("MOP did not start: " + mop.log());
        Target target = new Target("MOP", mop.pid(), port, gzipPort, sink);
        if (peer.isEmpty()) return measure(target, Optional.empty(), gc, idle);
        int peerPort = Host.freePort();
        int peerGzip = Host.freePort();
        Process process = startPeer(directory, peerPort, peerGzip, peerSink.endpoint());
        try {
          return measure(
              target, Optional.of(new Target("peer", process.pid(), peerPort, peerGzip, peerSink)), gc, idle);
        } finally {
          Host.stop(process);
        }
      }
    }
  }

  /** @param ready from the start until it takes data, median */
  private record Idle(double ready, double rssMb) {}

  /** Of a gateway that is started some times, and left alone the last time. */
  private Idle idle(Path directory, String yaml) throws IOException {
    List<Double> ready = new ArrayList<>();
    for (int i = 0; ; i++) {
      Path own = Files.createDirectory(directory.resolve("idle" + i));
      long start = System.nanoTime();
      try (Mop mop = new Mop(places.home(), own, "gateway", yaml, List.of(), List.of())) {
        if (mop.await(60, Mop::running) == null) throw new IOException("MOP did not start: " + mop.log());
        ready.add((System.nanoTime() - start) / 1e6);
        if (ready.size() < ROUNDS) continue;
        LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(IDLE_SECONDS));
        return new Idle(median(ready), Host.rssKib(mop.pid()) / 1024.0);
      }
    }
  }

  private static String yaml(int port, int gzipPort, String sink) {
    return """
        receivers:
          otlp: { protocols: { grpc: { endpoint: 127.0.0.1:%d } } }
          otlp/gzip: { protocols: { grpc: { endpoint: 127.0.0.1:%d } } }
        processors:
          attributes: { actions: [ { key: deployment.environment.name, action: insert, value: bench } ] }
        exporters:
          otlp: { endpoint: "%s", compression: none, tls: { insecure: true } }
          otlp/gzip: { endpoint: "%s", compression: gzip, tls: { insecure: true } }
        service:
          pipelines:
            traces: { receivers: [otlp], processors: [attributes], exporters: [otlp], durability: export }
            traces/gzip:
              { receivers: [otlp/gzip], processors: [attributes], exporters: [otlp/gzip], durability: export }
        """
        .formatted(port, gzipPort, sink, sink);
  }

  /** Its configuration takes the addresses from the environment. */
  private Process startPeer(Path directory, int port, int gzipPort, String sink) throws IOException {
    Path log = directory.resolve("peer.log");
    ProcessBuilder start =
        new ProcessBuilder(peer.orElseThrow().toString(), "--config", peerConfig.orElseThrow().toString());
    start.environment().put("BENCH_GRPC_ENDPOINT", "127.0.0.1:" + port);
    start.environment().put("BENCH_GRPC_GZIP_ENDPOINT", "127.0.0.1:" + gzipPort);
    start.environment().put("BENCH_SINK_ENDPOINT", sink);
    Process process = start.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        return process;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > end) {
          Host.stop(process);
          throw new IOException("the peer does not listen on $BENCH_GRPC_ENDPOINT: " + Files.readString(log).strip());
        }
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
  }

  private boolean measure(Target mop, Optional<Target> other, GcLog gc, Idle idle)
      throws IOException, InterruptedException {
    load(mop, false, 0, 2 * seconds, new Cost()); // warm-up
    load(mop, true, 0, seconds, new Cost());
    if (other.isPresent()) load(other.get(), false, 0, seconds, new Cost());
    int from = gc.collect(mop.pid());
    Pair full = rounds(mop, other, false, 0);
    int between = gc.collect(mop.pid());
    Pair steady = rounds(mop, other, false, STEADY);
    int after = gc.collect(mop.pid());
    Pair gzipFull = rounds(mop, other, true, 0);
    Pair gzipSteady = rounds(mop, other, true, STEADY);
    double allocatedFull = (double) gc.allocated(from, between) / full.mop.spans;
    double allocated = (double) gc.allocated(between, after) / steady.mop.spans;
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(IDLE_SECONDS));
    double rss = Host.rssKib(mop.pid()) / 1024.0;

    System.out.println(Host.load());
    System.out.printf(
        "%d spans of %d bytes a request; gRPC in, attributes (insert), gRPC out, acknowledged after export; CPU of the"
            + " process from /proc, median (and range) of %d rounds of %d s%n",
        Payload.SPANS, Payload.SPAN_BYTES, ROUNDS, seconds);
    full.print("saturated");
    steady.print(STEADY + " spans/s");
    gzipFull.print("gzip, saturated");
    gzipSteady.print("gzip, " + STEADY + " spans/s");
    if (other.isPresent()) {
      double mib = Host.rssKib(other.get().pid()) / 1024.0;
      System.out.printf(Locale.ROOT, "peer: resident %.0f MB after the same idle time%n", mib);
    }
    System.out.printf(
        Locale.ROOT,
        "allocated %.0f B/span at %d spans/s, %.0f saturated with what was refused (growth of the heap between"
            + " collections, GC log)%nresident %.0f MB %d s after the start without load, %.0f MB %d s after load;"
            + " ready"
            + " %.0f ms after the start (median of %d)%n",
        allocated, STEADY, allocatedFull, idle.rssMb, IDLE_SECONDS, rss, IDLE_SECONDS, idle.ready, ROUNDS);
    double mine = median(full.mop.cpu);
    String ratio =
        other.isEmpty()
            ? "peer_cpu_us_per_span=- ratio=-"
            : String.format(
                Locale.ROOT, "peer_cpu_us_per_span=%.2f ratio=%.2f", median(full.peer.cpu),
                median(full.peer.cpu) / mine);
    System.out.printf(
        Locale.ROOT,
        "RESULT passthrough cpu_us_per_span=%.2f alloc_b_per_span=%.0f rss_idle_mb=%.0f ready_ms=%.0f"
            + " gzip_cpu_us_per_span=%.2f %s%n",
        mine, allocated, idle.rssMb, idle.ready, median(gzipFull.mop.cpu), ratio);
    return exact;
  }

  /** One load on MOP and, in turn, on the peer. */
  private record Pair(Cost mop, Cost peer) {
    void print(String load) {
      row("MOP, " + load, mop);
      if (!peer.cpu.isEmpty()) row("peer, " + load, peer);
    }
  }

  private Pair rounds(Target mop, Optional<Target> other, boolean gzip, int rate)
      throws IOException, InterruptedException {
    Pair pair = new Pair(new Cost(), new Cost());
    for (int i = 0; i < ROUNDS; i++) {
      load(mop, gzip, rate, seconds, pair.mop);
      if (other.isPresent()) load(other.get(), gzip, rate, seconds, pair.peer);
    }
    return pair;
  }

  /** Returns when all that was acknowledged is at the sink; the CPU time is that of the whole way. */
  private void load(Target target, boolean gzip, int rate, int forSeconds, Cost cost)
      throws IOException, InterruptedException {
    long before = target.sink.spans();
    long cpu = Host.cpuMicros(target.pid);
    long start = System.nanoTime();
    Process generator =
        Host.java(
                Generator.class, target.url(gzip), Integer.toString(rate), Integer.toString(forSeconds),
                gzip ? "gzip" : "plain")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String said = new String(generator.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    generator.waitFor();
    String[] words = said.split(" ");
    if (words.length != 3) throw new IOException("the generator ended with " + generator.exitValue() + ": " + said);
    long acked = Long.parseLong(words[1]);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (target.sink.spans() - before < acked && System.nanoTime() < end) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    long took = System.nanoTime() - start;
    long used = Host.cpuMicros(target.pid) - cpu;
    long arrived = target.sink.spans() - before;
    if (arrived != acked) {
      exact = false;
      System.out.println("NOT EXACT: " + target.name + " acknowledged " + acked + " spans, " + arrived + " arrived");
    }
    if (arrived == 0) throw new IOException(target.name + " delivered nothing");
    cost.spans += arrived;
    cost.refused += Long.parseLong(words[2]);
    cost.cpu.add((double) used / arrived);
    cost.rate.add(arrived * 1e9 / took);
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private static void row(String what, Cost c) {
    List<Double> cpu = c.cpu.stream().sorted().toList();
    System.out.printf(
        Locale.ROOT,
        "%-24s %6.2f CPU µs/span (%.2f to %.2f) at %,8.0f spans/s, %d requests refused and sent again%n",
        what, median(c.cpu), cpu.get(0), cpu.get(cpu.size() - 1), median(c.rate), c.refused);
  }
}
