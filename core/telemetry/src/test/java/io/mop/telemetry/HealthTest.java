package io.mop.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.control.Status;
import io.mop.control.Vitals;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthTest {
  private final FakeEngine engine = new FakeEngine();
  private final Health health = new Health(engine);

  @Test
  void aRunningMopIsAliveAndReady() {
    assertThat(health.alive().json("alive"))
        .isEqualTo("{\"alive\":true,\"state\":\"running\",\"reasons\":[],\"degraded\":[]}\n");
    assertThat(health.ready().json("ready"))
        .isEqualTo("{\"ready\":true,\"state\":\"running\",\"reasons\":[],\"degraded\":[]}\n");
  }

  @ParameterizedTest(name = "{0}: alive, not ready because {1}")
  @CsvSource({"idle, starting", "stopping, stopping"})
  void startingAndStopping(String state, String reason) {
    engine.state = state;
    engine.memoryLimit = 0;
    engine.memoryFree = 0;
    assertThat(health.alive().ok()).isTrue();
    assertThat(health.ready().state()).isEqualTo(reason);
    assertThat(health.ready().reasons()).containsExactly(reason);
  }

  @ParameterizedTest(name = "{0}, {1} s since the control thread ran: alive {2}")
  @CsvSource({
    "running, 30, true", "running, 31, false", "idle, 31, false",
    // a stop drains on the control thread
    "stopping, 300, true",
  })
  void aControlThreadThatHangs(String state, int seconds, boolean alive) {
    engine.state = state;
    engine.sinceBeat = Duration.ofSeconds(seconds);
    assertThat(health.alive().ok()).isEqualTo(alive);
    if (!alive) assertThat(health.alive().reasons()).containsExactly("the control thread has not run for 31 s");
  }

  @Test
  void nothingButTheControlThreadMattersToLife() {
    engine.closed = List.of("x");
    engine.queues = List.of(new Vitals.Queue("exporters.a", 10, 10));
    engine.memoryFree = 0;
    engine.components = List.of(new Status.Component("exporters.a", "a", "1", false, "gone", 0));
    assertThat(health.alive().ok()).isTrue();
  }

  @Test
  void aPipelineThatTakesNothingIsAReason() {
    engine.closed = List.of("processors.x is missing and pipeline traces says on_missing: refuse");
    assertThat(health.ready().reasons()).isEqualTo(engine.closed);
  }

  @ParameterizedTest(name = "{0} of 1000 bytes: ready {1}")
  @CsvSource({"799, true", "800, false", "1200, false"})
  void aQueueAboveItsMark(long bytes, boolean ready) {
    engine.queues = List.of(new Vitals.Queue("exporters.a", 0, 1000), new Vitals.Queue("exporters.b", bytes, 1000));
    assertThat(health.ready().ok()).isEqualTo(ready);
    if (!ready) {
      assertThat(health.ready().reasons())
          .containsExactly("the sending queue of exporters.b holds " + bytes + " of 1000 bytes");
    }
  }

  @ParameterizedTest(name = "{0} bytes free of 1000: ready {1}")
  @CsvSource({"200, true", "199, false", "0, false"})
  void littleMemory(long free, boolean ready) {
    engine.memoryLimit = 1000;
    engine.memoryUsed = 900;
    engine.memoryFree = free;
    assertThat(health.ready().ok()).isEqualTo(ready);
    if (!ready) {
      assertThat(health.ready().reasons())
          .containsExactly("batches have taken 900 of 1000 bytes (service.memory)");
    }
  }

  @Test
  void aComponentThatDoesNotDoItsWorkIsToldAndMopIsReady() {
    engine.components =
        List.of(
            new Status.Component("receivers.ebpf", "ebpf", "1", false, "needs \"CAP_BPF\"\n\\", 0),
            new Status.Component("exporters.a", "a", "1", true, "", 0));
    assertThat(health.ready().json("ready"))
        .isEqualTo(
            "{\"ready\":true,\"state\":\"running\",\"reasons\":[],\"degraded\":"
                + "[\"receivers.ebpf: needs \\\"CAP_BPF\\\"\\u000a\\\\\"]}\n");
    assertThat(health.ready().sentence()).startsWith("running; receivers.ebpf: needs");
  }
}
