package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP probe comes and goes with its classifier in the kernel, while Redis loses nothing. */
@NeedsBpf
@Timeout(300)
class HttpProbeTest extends TwoProtocols {
  private static final String FRAMED = "receivers.ebpf kernel_framed";
  private static final int REQUESTS = 400;

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private volatile boolean ending;

  HttpProbeTest() {
    super("http");
  }

  @AfterEach
  void endCommands() {
    ending = true;
    thread.shutdown();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sock", "sys_exit"})
  void comesAndGoesAndOthersLoseNothing(String hook) throws Exception {
    try (MopProcess mop = home.start(directory, config(hook))) {
      Future<Integer> commands = thread.submit(this::commands);
      traffic.run(REQUESTS); // nobody reads them
      Map<String, Integer> held = Kernel.held(mop.pid());
      for (int i = 1; i <= 2; i++) {
        long framed = mop.await("status", s -> true).counter(FRAMED);
        Path file = home.drop(directory.resolve("plugins"), "http.jar");
        mop.await("the probe is there", this::active);
        everyRequestIsASpan(mop);
        assertThat(Kernel.held(mop.pid()).get("prog_id")).isEqualTo(held.get("prog_id") + 1);
        mop.await("bodies are left out", s -> s.counter(FRAMED) > framed);
        Files.delete(file);
        mop.await("the probe is gone", s -> !active(s));
        Await.until("its classifier too", () -> held(mop).equals(held), () -> held(mop) + " before " + held);
        traffic.run(REQUESTS);
      }
      ending = true;
      int all = commands.get();
      Await.until("all commands are spans", () -> redisSpans("INCR") >= all, mop::status);
      assertThat(redisSpans("INCR")).isEqualTo(all);
      Status status = mop.statusByCommand();
      for (String loss : List.of("kernel_reserve_failed", "kernel_untold", "capture_decoder_failures{http}")) {
        assertThat(status.counter("receivers.ebpf " + loss)).as(loss).isZero();
      }
      assertThat(mop.stop()).as("exit code; log: %s", mop.log()).isZero();
    }
  }

  private static Map<String, Integer> held(MopProcess mop) {
    try {
      return Kernel.held(mop.pid());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int commands() throws Exception {
    int n = 0;
    for (; !ending; n++) assertThat(connection.call("INCR", "n")).startsWith(":");
    return n;
  }

  /** Of those that are made now, on connections that were open before. */
  private void everyRequestIsASpan(MopProcess mop) {
    int before = requests().size();
    Await.until("requests are read", () -> {
      traffic.run(8);
      return requests().size() > before;
    }, mop::status);
    Set<String> now = new HashSet<>(traffic.answered());
    traffic.run(REQUESTS);
    Set<String> answered = new HashSet<>(traffic.answered());
    answered.removeAll(now);
    Await.until("all requests are spans", () -> new HashSet<>(requests()).containsAll(answered), mop::status);
    assertThat(requests()).doesNotHaveDuplicates();
  }
}
