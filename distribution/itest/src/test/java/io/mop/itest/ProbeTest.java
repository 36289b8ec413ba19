package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Redis probe comes and goes: HTTP loses nothing, open connections are seen again, nothing of it is left. */
@NeedsBpf
@Timeout(300)
class ProbeTest extends TwoProtocols {
  private static final int COMMANDS = 200;
  private static final int CYCLES = 20;

  ProbeTest() {
    super("redis");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sock", "sys_exit"})
  void comesAndGoesAndOthersLoseNothing(String hook) throws Exception {
    try (MopProcess mop = home.start(directory, config(hook))) {
      traffic.begin();
      commands("DECR"); // nobody reads them
      Map<String, Integer> held = Kernel.held(mop.pid());
      assertThat(held.keySet()).contains("prog_id", "map_id");
      assertThat(active(mop.await("status", s -> true))).isFalse();
      for (int i = 1; i <= 2; i++) {
        Path file = home.drop(directory.resolve("plugins"), "redis.jar");
        mop.await("the probe is there", this::active);
        seenAgain(mop);
        everyCommandIsASpan(mop, i * COMMANDS);
        Files.delete(file);
        mop.await("the probe is gone", s -> !active(s));
        Await.until("commands are no spans any more", () -> !read(mop), mop::status);
      }
      everyRequestIsASpan(mop);
      assertThat(Kernel.held(mop.pid())).as("programs, maps and links").isEqualTo(held);
      Status status = mop.statusByCommand();
      for (String loss : List.of("kernel_reserve_failed", "capture_records_lost", "capture_decoder_failures{http}")) {
        assertThat(status.counter("receivers.ebpf " + loss)).as(loss).isZero();
      }
      assertThat(mop.stop()).as("exit code; log: %s", mop.log()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sock", "sys_exit"})
  void openConnectionsAreSeenAgainAfterARestart(String hook) throws Exception {
    home.drop(Files.createDirectories(directory.resolve("plugins")), "redis.jar");
    for (int run = 1; run <= 2; run++) {
      int http = 100 * run;
      traffic.run(20); // while there is no MOP
      commands("DECR");
      try (MopProcess mop = home.start(directory, config(hook))) {
        mop.await("the probe is there", this::active);
        seenAgain(mop);
        everyCommandIsASpan(mop, run * COMMANDS);
        traffic.run(100);
        Await.until("all requests are spans", () -> requests().size() >= http, mop::status);
        assertThat(mop.stop()).as("exit code; log: %s", mop.log()).isZero();
        assertThat(requests()).hasSize(http);
      }
    }
  }

  @Test
  void nothingIsLeftOfItAfterManyCycles() throws Exception {
    try (MopProcess mop = home.start(directory, config("auto"))) {
      traffic.begin();
      cycle(mop); // what is made once is there now
      Map<String, Integer> held = Kernel.held(mop.pid());
      long loaders = loaders(mop);
      for (int i = 0; i < CYCLES; i++) cycle(mop);
      everyRequestIsASpan(mop);
      assertThat(Kernel.held(mop.pid())).as("programs, maps and links").isEqualTo(held);
      Await.until("the class loaders are collected", () -> loaders(mop) <= loaders, () -> loaders + " before");
      assertThat(mop.stop()).as("exit code; log: %s", mop.log()).isZero();
    }
  }

  private void cycle(MopProcess mop) throws IOException {
    String said = mop.ask("mop:plugins replace " + home.bundle());
    mop.await("the probe is there; " + said, this::active);
    seenAgain(mop);
    said = mop.ask("mop:plugins remove redis");
    mop.await("the probe is gone; " + said, s -> !active(s));
  }

  /** Class loaders of bundles, after a full collection, which the histogram begins with. */
  private static long loaders(MopProcess mop) {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    try {
      Process process = new ProcessBuilder(jcmd.toString(), Long.toString(mop.pid()), "GC.class_histogram").start();
      try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream()))) {
        return lines.lines()
            .filter(line -> line.contains("BundleWiringImpl$BundleClassLoader"))
            .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[1]))
            .findFirst()
            .orElseThrow();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void commands(String name) throws IOException {
    for (int i = 0; i < COMMANDS; i++) assertThat(connection.call(name, "n")).startsWith(":");
  }

  private void everyCommandIsASpan(MopProcess mop, int all) throws IOException {
    commands("INCR");
    Await.until("all commands are spans", () -> redisSpans("INCR") >= all, mop::status);
    assertThat(redisSpans("INCR")).isEqualTo(all);
  }

  /** Whether commands become spans: by the time later requests are spans they would have. */
  private boolean read(MopProcess mop) {
    long before = redisSpans("DECR");
    try {
      commands("DECR");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int driven = traffic.count();
    Await.until("HTTP goes on", () -> requests().size() > driven + 50, mop::status);
    return redisSpans("DECR") > before;
  }

  /** Ends them. */
  private void everyRequestIsASpan(MopProcess mop) {
    traffic.end();
    Await.until("all requests are spans", () -> requests().size() >= traffic.count(), mop::status);
    assertThat(requests()).containsExactlyInAnyOrderElementsOf(traffic.answered());
  }

  /** The connection, which was open before everything, gives spans. */
  private void seenAgain(MopProcess mop) {
    long before = redisSpans("PING");
    Await.until("a command is a span", () -> ping() && redisSpans("PING") > before, mop::status);
  }

  private boolean ping() {
    try {
      return connection.call("PING").equals("+PONG");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
