package io.mop.bench;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * From the start of {@code mop run} in the unpacked tar to the first span of an nginx that was busy before, outside
 * MOP.
 */
final class FirstSpan {
  private static final int RATE = 200;

  private final Places places;
  private final int rounds;

  FirstSpan(Places places, Options options) {
    this.places = places;
    rounds = options.number("rounds", 5);
  }

  /** True if there was a span in each round. */
  boolean run() throws IOException, InterruptedException {
    Path unpacked = Files.createTempDirectory("mop-tar-");
    Path home = unpack(unpacked);
    List<Double> ready = new ArrayList<>();
    List<Double> first = new ArrayList<>();
    System.out.println(Host.load());
    System.out.printf("%-6s %10s %14s%n", "round", "ready ms", "first span ms");
    try (Nginx nginx = new Nginx(); Traffic traffic = Traffic.http(nginx.port(), RATE)) {
      for (int i = 1; i <= rounds; i++) {
        if (!one(home, nginx, ready, first)) return false;
        System.out.printf(Locale.ROOT, "%-6d %10.0f %14.0f%n", i, ready.get(i - 1), first.get(i - 1));
      }
      if (traffic.answered() == 0) return false;
    }
    Host.delete(unpacked);
    System.out.printf(
        Locale.ROOT, "RESULT first-span ready_ms=%.0f first_span_ms=%.0f%n", median(ready), median(first));
    return true;
  }

  /** The tar of all-in-one for dev, assembled and unpacked in {@code directory}; its MOP. */
  private Path unpack(Path directory) throws IOException, InterruptedException {
    String checkout = places.checkout().resolve("mop").toString();
    Host.output(new ProcessBuilder(checkout, "assemble", "all-in-one", "--env", "dev", "-o", directory.toString()));
    try (DirectoryStream<Path> tars = Files.newDirectoryStream(directory, "*.tar.gz")) {
      for (Path tar : tars) Host.output(new ProcessBuilder("tar", "-xzf", tar.toString(), "-C", directory.toString()));
    }
    try (DirectoryStream<Path> homes = Files.newDirectoryStream(directory, Files::isDirectory)) {
      for (Path home : homes) return home;
    }
    throw new IOException("mop assemble made no tar in " + directory);
  }

  private boolean one(Path home, Nginx nginx, List<Double> ready, List<Double> first) throws IOException {
    try (Sink sink = new Sink()) {
      Path directory = Files.createTempDirectory("mop-first-span-");
      String yaml =
          """
          receivers:
            ebpf: { select: [ { pid: %d } ] }
          exporters:
            otlp: { endpoint: "%s", compression: none }
          service:
            pipelines:
              traces: { receivers: [ebpf], exporters: [otlp] }
          """
              .formatted(nginx.pid(), sink.url());
      long start = System.nanoTime();
      try (Mop mop = new Mop(home, directory, yaml, List.of(), List.of())) {
        JsonObject status =
            mop.await(60, s -> Mop.running(s) && Mop.component(s, "receivers.ebpf").getBoolean("healthy", false));
        if (status == null) throw new IOException("MOP did not start: " + mop.log());
        ready.add((System.nanoTime() - start) / 1e6);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (sink.spans() == 0 && System.nanoTime() < end) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        if (sink.spans() == 0) {
          System.out.println("NOT EXACT: no span of nginx in 30 s; MOP's log:\n" + mop.log());
          return false;
        }
        first.add((sink.arrivals()[0] - start) / 1e6);
      }
      Host.delete(directory);
      return true;
    }
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
