package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** With a ring far too small, what is lost is counted, exactly, and shows in the numbers of each connection. */
@OnBothHooks
class OverloadTest {
  @Parameter EbpfPlugin.Hook hook;
  private static final int RING = 16 << 10;
  @TempDir Path directory;

  @Test
  void withoutAReader() throws Exception {
    try (Probe probe = Probe.start(RING, hook)) {
      Recording recording = new Recording(probe.ring());
      Nginx nginx = nginx(probe);
      try (nginx; HttpClient client = new HttpClient(nginx.port())) {
        for (int i = 0; i < 200; i++) client.get("/page");
        recording.drain();
      }
      assertExact(probe, recording);
    }
  }

  @Test
  void withASlowReader() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<HttpClient> clients = new ArrayList<>();
    try (Probe probe = Probe.start(RING, hook)) {
      Recording recording = new Recording(probe.ring());
      Nginx nginx = nginx(probe);
      try (nginx) {
        for (int i = 0; i < 4; i++) clients.add(new HttpClient(nginx.port()));
        CompletableFuture<?>[] running =
            clients.stream().map(c -> CompletableFuture.runAsync(() -> requests(c), threads))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture<Void> all = CompletableFuture.allOf(running);
        recording.until("all requests answered", all::isDone);
        all.join();
        recording.drain(); // room for the closes, which say how many records there were
        for (HttpClient c : clients) c.close();
      }
      assertExact(probe, recording);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aConnectionFirstSeenWhenTheRingIsFullIsAnnouncedLater() throws Exception {
    List<HttpClient> late = new ArrayList<>();
    try (Probe probe = Probe.start(RING, hook)) {
      Recording recording = new Recording(probe.ring());
      Nginx nginx = nginx(probe);
      try (nginx; HttpClient client = new HttpClient(nginx.port())) {
        for (int i = 0; i < 200; i++) client.get("/page").get("/small"); // to the last gap
        for (int i = 0; i < 8; i++) late.add(new HttpClient(nginx.port()).get("/small"));
        assertThat(probe.counters().get(Counter.OPEN_FAILED)).isPositive();
        recording.drain();
        for (HttpClient l : late) {
          l.get("/small");
          recording.until("the connection is announced", () -> recording.knows(l.port()));
        }
        for (HttpClient l : late) l.close();
      }
      assertExact(probe, recording);
    }
  }

  private static void requests(HttpClient client) {
    try {
      for (int i = 0; i < 500; i++) client.get("/page").get("/small");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Nginx nginx(Probe probe) {
    Nginx nginx = new Nginx(directory, 0, false).file("page", "page ", 4096).file("small", "small ", 20);
    probe.selection().set(nginx.pid());
    return nginx.run();
  }

  /** To be called when the server has ended, so that no call is running. */
  private static void assertExact(Probe probe, Recording recording) {
    recording.drain();
    Map<Counter, Long> n = probe.counters();
    Sums.assertBalanced(n);
    assertThat(n.get(Counter.RESERVE_FAILED)).isPositive();
    assertThat(recording.all()).hasSize((int) Sums.records(n));
    assertThat(n.get(Counter.CLOSE_FAILED)).isZero();
    assertThat(probe.recursionMisses()).isZero();
    Map<Long, List<Recording.Copy>> connections =
        recording.all().stream().collect(Collectors.groupingBy(Recording.Copy::conn));
    long holes = connections.values().stream().mapToLong(OverloadTest::holes).sum();
    assertThat(holes).isEqualTo(n.get(Counter.RESERVE_FAILED));
  }

  /** Numbers that did not arrive; a CLOSE says how many there were. Nothing comes before the OPEN. */
  private static long holes(List<Recording.Copy> connection) {
    assertThat(connection.get(0).kind()).isEqualTo(Recording.OPEN);
    Recording.Copy close = connection.get(connection.size() - 1);
    assertThat(close.kind()).isEqualTo(Recording.CLOSE);
    List<Integer> numbers = connection.stream().filter(Recording.Copy::numbered).map(Recording.Copy::seq).toList();
    assertThat(numbers).doesNotHaveDuplicates().isSorted().allMatch(s -> s < close.seq());
    return close.seq() - numbers.size();
  }

  @Test
  void theReaderIsWokenBeforeTheRingIsFull() throws Exception {
    try (Probe probe = Probe.start(64 << 10, hook)) {
      Nginx nginx = nginx(probe);
      Recording recording = new Recording(probe.ring());
      try (nginx; HttpClient client = new HttpClient(nginx.port())) {
        CompletableFuture<Integer> woken = new CompletableFuture<>();
        Thread reader =
            new Thread(
                () -> {
                  recording.drain();
                  probe.ring().await(Duration.ofSeconds(60));
                  woken.complete(recording.drain().all().size());
                });
        reader.start();
        while (!woken.isDone()) client.get("/page");
        reader.join();
        assertThat(woken.join()).isPositive();
      }
    }
  }
}
