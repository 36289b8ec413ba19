package io.mop.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.control.Vitals;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NotifierTest {
  private static final String PID = Long.toString(ProcessHandle.current().pid());
  private final FakeEngine engine = new FakeEngine();
  private final List<String> sent = new ArrayList<>();
  private final List<Notifier> made = new ArrayList<>();
  private boolean broken;

  private Notifier notifier(Map<String, String> env) {
    Notifier notifier =
        new Notifier(
            new Health(engine),
            (socket, state) -> {
              assertThat(socket).isEqualTo("@here");
              if (broken) throw new IOException("nobody listens");
              sent.addAll(List.of(state.split("\n")));
            },
            env);
    made.add(notifier);
    return notifier;
  }

  @AfterEach
  void close() {
    made.forEach(Notifier::close);
  }

  @Test
  void readyOnceAndStatusWhenItChanges() {
    engine.state = "idle";
    Notifier notifier = notifier(Map.of("NOTIFY_SOCKET", "@here"));
    notifier.tick();
    notifier.tick();
    assertThat(sent).containsExactly("STATUS=starting");
    engine.state = "running";
    notifier.tick();
    notifier.tick();
    assertThat(sent).containsExactly("STATUS=starting", "READY=1", "STATUS=running");
    engine.queues = List.of(new Vitals.Queue("exporters.a", 9, 10));
    notifier.tick();
    engine.queues = List.of();
    notifier.tick();
    assertThat(sent).endsWith("STATUS=the sending queue of exporters.a holds 9 of 10 bytes", "STATUS=running");
    assertThat(sent).containsOnlyOnce("READY=1");
  }

  @Test
  void stoppingIsSaidOnceAndNothingContradictsIt() {
    Notifier notifier = notifier(Map.of("NOTIFY_SOCKET", "@here"));
    notifier.tick();
    sent.clear();
    assertThat(notifier.call()).isZero();
    assertThat(sent).containsExactly("STOPPING=1", "STATUS=delivering what is held");
    engine.state = "stopping";
    notifier.tick();
    assertThat(sent).hasSize(2);
  }

  @Test
  void aStopBeforeItWasReadyIsNotReadyAfterwards() {
    engine.state = "idle";
    Notifier notifier = notifier(Map.of("NOTIFY_SOCKET", "@here"));
    notifier.call();
    engine.state = "running";
    notifier.tick();
    assertThat(sent).doesNotContain("READY=1");
  }

  @Test
  void theWatchdogIsFedWhileMopIsAliveOnly() {
    Notifier notifier =
        notifier(Map.of("NOTIFY_SOCKET", "@here", "WATCHDOG_USEC", "4000000", "WATCHDOG_PID", PID));
    engine.closed = List.of("not ready");
    notifier.tick();
    assertThat(sent).contains("WATCHDOG=1");
    sent.clear();
    engine.sinceBeat = Health.LIFE.plusSeconds(1);
    notifier.tick();
    assertThat(sent).isEmpty();
  }

  @ParameterizedTest(name = "WATCHDOG_USEC {0} of our pid {1}, ready {2}: waits {3} ms")
  @CsvSource({
    "60000000, true, true, 5000", "4000000, true, true, 2000", "100000, true, false, 50", "4000000, false, true, 5000",
    "4000000, true, false, 200", "'', true, true, 5000", "soon, true, true, 5000",
  })
  void howOften(String micros, boolean ours, boolean ready, long millis) {
    Map<String, String> env = Map.of("WATCHDOG_USEC", micros, "WATCHDOG_PID", ours ? PID : "1");
    assertThat(notifier(env).wait(ready)).isEqualTo(Duration.ofMillis(millis));
  }

  @Test
  void aWatchdogOfAnotherProcessIsNotFed() {
    notifier(Map.of("NOTIFY_SOCKET", "@here", "WATCHDOG_USEC", "4000000", "WATCHDOG_PID", "1")).tick();
    assertThat(sent).doesNotContain("WATCHDOG=1");
  }

  @Test
  void withoutASocketNothingIsSaid() {
    Notifier notifier = notifier(Map.of("WATCHDOG_USEC", "4000000"));
    notifier.tick();
    notifier.call();
    assertThat(sent).isEmpty();
  }

  @Test
  void aSocketThatIsGoneStopsNothing() {
    Notifier notifier = notifier(Map.of("NOTIFY_SOCKET", "@here", "WATCHDOG_USEC", "4000000"));
    broken = true;
    notifier.tick();
    broken = false;
    notifier.tick();
    assertThat(sent).containsExactly("READY=1", "STATUS=running", "WATCHDOG=1");
  }
}
