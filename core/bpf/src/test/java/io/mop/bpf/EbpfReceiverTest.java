package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Size;
import io.mop.testkit.TestContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

@OnBothHooks
class EbpfReceiverTest {
  @Parameter EbpfPlugin.Hook hook;
  @TempDir Path directory;
  private final TestContext context = new TestContext("receivers.ebpf");
  private Nginx nginx;
  private TestReader reader;
  private Receiver receiver;

  @BeforeEach
  void start() {
    nginx = new Nginx(directory, 0, false).file("small", "small ", 20);
    receiver = receiver((rules, bits) -> new TestReader(rules, bits));
    receiver.start(new NoIntake());
    nginx.run();
  }

  @AfterEach
  void stop() {
    receiver.close();
    nginx.close();
  }

  private Receiver receiver(BiFunction<List<EbpfPlugin.Rule>, RecordReader.Bits, TestReader> make) {
    EbpfPlugin plugin = new EbpfPlugin((config, bits, c, intake) -> reader = make.apply(config.select(), bits));
    EbpfPlugin.Rule rule = EbpfPluginTest.rule(null, nginx.pid(), null);
    Duration interval = Duration.ofMillis(50);
    return plugin.create(
        new EbpfPlugin.Config(List.of(rule), new Size(1 << 20), interval, hook, EbpfPlugin.OwnSdk.KEEP, true), context);
  }

  private static final class NoIntake implements Receiver.Intake {
    @Override
    public boolean carries(Signal signal) {
      return false;
    }

    @Override
    public Receiver.Landing reserve(Signal signal, int bytes, String tenant) {
      throw new UnsupportedOperationException("nothing is sent on");
    }
  }

  @Test
  void recordsComeOnTheRingThreadAndAreCounted() throws Exception {
    try (HttpClient client = new HttpClient(nginx.port())) {
      for (int i = 0; i < 20; i++) client.get("/small");
      TestReader.await("all requests", () -> reader.received() == client.sent().length);
    }
    assertThat(context.unhealthy()).isEmpty();
    assertThat(reader.threads).containsOnly("mop-ebpf-ring");
    nginx.close();
    receiver.close();
    assertThat(reader.closed).isTrue();
    assertThat(context.periods()).isEmpty();
    long submitted = context.count("kernel_submitted") + context.count("kernel_open") + context.count("kernel_close");
    assertThat(context.count("records")).isEqualTo(submitted).isEqualTo(reader.threads.size());
  }

  @Test
  void countersArePublishedOnceEach() throws Exception {
    try (HttpClient client = new HttpClient(nginx.port())) {
      client.get("/small");
      TestReader.await("the request", () -> reader.received() == client.sent().length);
      client.get("/small"); // whatever call was running has ended
      context.tick();
      long open = context.count("kernel_open");
      context.tick();
      assertThat(context.count("kernel_open")).isEqualTo(open).isPositive();
    }
  }

  @Test
  void aReaderThatFailsLosesTheRecordAndNothingElse() throws Exception {
    try (HttpClient client = new HttpClient(nginx.port())) {
      reader.failing = true;
      client.get("/small");
      TestReader.await("the refused request", () -> reader.refused.get() == client.sent().length);
      int before = client.sent().length;
      reader.failing = false;
      client.get("/small");
      TestReader.await("the next request", () -> reader.received() == client.sent().length - before);
    }
    assertThat(context.count("records_failed")).isPositive();
    assertThat(context.unhealthy()).isEmpty();
  }

  @Test
  void aPausedReceiverLeavesRecordsInTheRing() throws Exception {
    try (HttpClient client = new HttpClient(nginx.port())) {
      client.get("/small");
      TestReader.await("the request", () -> reader.received() == client.sent().length);
      receiver.pause();
      int before = drainsAtRest();
      client.get("/small");
      assertThat(reader.drains.get()).isEqualTo(before);
      receiver.resume();
      TestReader.await("the request while paused", () -> reader.received() == client.sent().length);
    }
  }

  /** The drain that was running at the time of the pause may still end. */
  private int drainsAtRest() {
    TestReader.await("the ring thread waits", () -> ringThread().getState() == Thread.State.WAITING);
    return reader.drains.get();
  }

  private static Thread ringThread() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().equals("mop-ebpf-ring") && t.isAlive())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatCannotBeOpenedLeavesNoProgram() throws Exception {
    receiver.close();
    Receiver other =
        receiver(
            (rules, bits) -> {
              throw new IllegalStateException("no reader");
            });
    assertThatThrownBy(() -> other.start(new NoIntake())).hasMessage("no reader");
    other.close();
    assertThat(Thread.getAllStackTraces().keySet()).noneMatch(t -> t.getName().equals("mop-ebpf-ring") && t.isAlive());
  }

  @Test
  void aMachineThatDoesNotAllowItMakesTheReceiverUnhealthy() {
    List<String> command = new ArrayList<>(List.of("setpriv", "--bounding-set", "-all"));
    command.addAll(Child.javaCommand(ReceiverMain.class, "" + (1 << 20), hook.name()));
    try (Child child = new Child(command.toArray(new String[0]))) {
      assertThat(child.run().output())
          .isEqualTo("the kernel refuses eBPF programs: CAP_BPF and CAP_PERFMON are needed\n");
    }
  }
}
