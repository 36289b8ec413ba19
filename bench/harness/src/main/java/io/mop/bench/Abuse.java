package io.mop.bench;

import jakarta.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Peers and surroundings that do harm, while a well-behaved client goes on: each case needs a clear answer and a
 * counter that names it, and the other client loses nothing.
 */
final class Abuse {
  private static final int RATE = 5_000;
  private static final int HEAP_MB = 128;
  private static final int DIRECT_MB = 192;
  /** Code, metadata, stacks and the sockets' own buffers, beside heap and direct memory. */
  private static final int BESIDE_MB = 200;

  private final Places places;
  private final int idle;
  private final List<Outcome> outcomes = new ArrayList<>();
  private volatile long peakKib;
  private volatile boolean over;

  Abuse(Places places, Options options) {
    this.places = places;
    idle = options.number("connections", 10_000);
  }

  /** @param said what the peer was told, and which counters rose by how much */
  private record Outcome(String name, boolean clear, String said) {}

  /** What a peer does; returns what it was told. Empty = nothing clear. */
  private interface Peer {
    String act() throws IOException, InterruptedException;
  }

  /** True if all cases were clear, nothing was lost and memory stayed within its budget. */
  boolean run() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("mop-abuse-");
    Certificate certificate = Certificate.in(directory);
    int grpc = Host.freePort();
    int http = Host.freePort();
    int tls = Host.freePort();
    int auth = Host.freePort();
    long acked;
    long arrived;
    try (GrpcSink sink = new GrpcSink()) {
      String yaml = yaml(grpc, http, tls, auth, certificate, sink.endpoint());
      List<String> jvm = List.of("-Xmx" + HEAP_MB + "m", "-XX:MaxDirectMemorySize=" + DIRECT_MB + "m");
      try (Mop mop = new Mop(places.home(), directory, yaml, jvm, List.of())) {
        if (mop.await(60, Mop::running) == null) throw new IOException("MOP did not start: " + mop.log());
        Thread watch = watch(mop.pid());
        Process others =
            Host.java(Generator.class, "http://127.0.0.1:" + grpc, Integer.toString(RATE), "60", "plain")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Peers peers = new Peers();
        peer(mop, "garbage on the gRPC port", () -> peers.garbage(grpc));
        peer(mop, "garbage on the HTTP port", () -> peers.garbage(http));
        peer(mop, "a body of 1 GiB announced, HTTP", () -> peers.http(http, "Content-Length: 1073741824", new byte[0]));
        peer(mop, "a message of 17 MiB, gRPC", () -> peers.grpc(grpc, new byte[17 << 20], false));
        byte[] bomb = bomb();
        peer(mop, "512 MiB in gzip, HTTP", () -> peers.http(
            http, "Content-Encoding: gzip\r\nContent-Length: " + bomb.length, bomb));
        peer(mop, "512 MiB in gzip, gRPC", () -> peers.grpc(grpc, bomb, true));
        peer(mop, "a body that does not end, HTTP", () -> peers.http(http, "Content-Length: 1000", new byte[10]));
        peer(mop, "half a TLS handshake", () -> peers.halfHello(tls));
        peer(mop, "plain HTTP on the TLS port", () -> peers.http(tls, "Content-Length: 0", new byte[0]));
        peer(mop, "a wrong token", () -> peers.http(
            auth, "Authorization: Bearer wrong\r\nContent-Length: 1000", new byte[0]));
        peer(mop, idle + " idle connections", () -> peers.idle(List.of(grpc, http), idle));
        second("a port that is taken", directory.resolve("second"), yaml, "receivers.otlp", "in use");
        Path file = Files.writeString(directory.resolve("file"), "");
        second("a state directory that cannot be", file.resolve("state"), yaml, "State directory", "--state");
        String[] words = new String(others.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip().split(" ");
        acked = Long.parseLong(words[1]);
        await(30, () -> sink.spans() >= acked);
        arrived = sink.spans();
        over = true;
        watch.join();
      }
    }
    Host.delete(directory);
    return report(acked, arrived);
  }

  private boolean report(long acked, long arrived) throws IOException {
    System.out.println(Host.load());
    for (Outcome o : outcomes) System.out.printf("%-36s %-4s %s%n", o.name, o.clear ? "yes" : "NO", o.said);
    long peak = peakKib / 1024;
    int budget = HEAP_MB + DIRECT_MB + BESIDE_MB;
    System.out.printf(
        "the other client: %d spans acknowledged, %d arrived; resident at most %d MB, budget %d MB (heap %d, direct %d,"
            + " beside %d)%n",
        acked, arrived, peak, budget, HEAP_MB, DIRECT_MB, BESIDE_MB);
    long clear = outcomes.stream().filter(o -> o.clear).count();
    System.out.printf(
        "RESULT abuse cases=%d clear=%d others_lost=%d peak_rss_mb=%d%n",
        outcomes.size(), clear, acked - arrived, peak);
    return clear == outcomes.size() && acked == arrived && acked > 0 && peak <= budget;
  }

  private static String yaml(int grpc, int http, int tls, int auth, Certificate certificate, String sink) {
    return """
        receivers:
          otlp:
            protocols:
              grpc: { endpoint: 127.0.0.1:%d }
              http: { endpoint: 127.0.0.1:%d, read_timeout: 2s }
          otlp/tls:
            protocols:
              http: { endpoint: 127.0.0.1:%d, tls: { cert_file: "%s", key_file: "%s" } }
          otlp/auth:
            protocols:
              http: { endpoint: 127.0.0.1:%d, auth: { bearer: { token: right } } }
        exporters:
          otlp: { endpoint: "%s", compression: none, tls: { insecure: true } }
        service:
          memory: 96MiB
          pipelines:
            traces: { receivers: [otlp, otlp/tls, otlp/auth], exporters: [otlp] }
        """
        .formatted(grpc, http, tls, certificate.certificate(), certificate.key(), auth, sink);
  }

  /** Reads the resident memory until the run is over. */
  private Thread watch(long pid) {
    Thread thread = new Thread(() -> {
      while (!over) {
        try {
          peakKib = Math.max(peakKib, Host.rssKib(pid));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
      }
    }, "bench-rss");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static byte[] bomb() {
    byte[] zeros = new byte[1 << 20];
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var gzip = new java.util.zip.GZIPOutputStream(out)) {
      for (int i = 0; i < 512; i++) gzip.write(zeros);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private void peer(Mop mop, String name, Peer peer) throws InterruptedException {
    Map<String, Long> before = misbehaviour(mop);
    String told;
    try {
      told = peer.act();
    } catch (IOException e) {
      told = "";
    }
    await(10, () -> !risen(before, misbehaviour(mop)).isEmpty());
    Map<String, Long> risen = risen(before, misbehaviour(mop));
    outcomes.add(new Outcome(name, !told.isEmpty() && !risen.isEmpty(), told + "; " + risen));
  }

  /** Counters of receivers that the well-behaved client does not move. */
  private static Map<String, Long> misbehaviour(Mop mop) {
    JsonObject status = mop.status();
    Map<String, Long> counters = new TreeMap<>();
    if (!status.containsKey("counters")) return counters;
    JsonObject all = status.getJsonObject("counters");
    for (String name : all.keySet()) {
      boolean well = name.endsWith(" requests") || name.endsWith(" requests_accepted") || name.endsWith("_bytes");
      if (name.startsWith("receivers.") && !well) counters.put(name, all.getJsonNumber(name).longValue());
    }
    return counters;
  }

  private static Map<String, Long> risen(Map<String, Long> before, Map<String, Long> now) {
    Map<String, Long> risen = new TreeMap<>();
    now.forEach((name, n) -> {
      long more = n - before.getOrDefault(name, 0L);
      if (more > 0) risen.put(name, more);
    });
    return risen;
  }

  /** A second MOP that cannot start: it must end with an error that names both words. */
  private void second(String name, Path state, String yaml, String word, String other)
      throws IOException, InterruptedException {
    Path config = Files.writeString(Files.createTempFile("mop-abuse-", ".yaml"), yaml);
    Process mop =
        new ProcessBuilder(
                places.home().resolve("bin/mop").toString(), "run", "--config", config.toString(), "--state",
                state.toString())
            .redirectErrorStream(true)
            .start();
    try (InputStream out = mop.getInputStream()) {
      boolean ended = mop.waitFor(60, TimeUnit.SECONDS);
      if (!ended) Host.stop(mop);
      List<String> lines = new String(out.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      String said = lines.stream().filter(l -> l.contains(word) && l.contains(other)).findFirst().orElse("");
      boolean clear = ended && mop.exitValue() != 0 && !said.isEmpty();
      String shown = said.isEmpty() ? String.join(" / ", lines) : said;
      outcomes.add(new Outcome(name, clear, "exit " + (ended ? mop.exitValue() : "-") + ", " + shown.strip()));
    } finally {
      Files.deleteIfExists(config);
    }
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(int seconds, Condition condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.holds() && System.nanoTime() < end) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
  }
}
