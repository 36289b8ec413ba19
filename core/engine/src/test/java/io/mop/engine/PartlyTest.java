package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.mop.api.pipeline.Receiver;
import io.mop.control.Status;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import io.mop.otlp.SpanWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Spans without valid ids are rejected one by one; the rest of their request goes on. */
class PartlyTest {
  @TempDir Path state;

  /** Writes down what the sender is told. */
  private static final class Told implements Receiver.Ack {
    final List<String> all = new CopyOnWriteArrayList<>();

    @Override
    public void safe() {
      all.add("safe");
    }

    @Override
    public void safe(int rejected, String why) {
      all.add("rejected " + rejected + ": " + why);
    }

    @Override
    public void refused(String why, Duration retryAfter) {
      all.add("refused");
    }
  }

  /** Spans 1 to {@code n}, of which every third has no trace id. */
  private static void send(Rig rig, int n, boolean allInvalid, Receiver.Ack ack) throws Exception {
    SpanWriter writer = new SpanWriter(SpanWriter.resource(Map.of("service.name", "rig")), "test", "1");
    for (int i = 1; i <= n; i++) {
      boolean invalid = allInvalid || i % 3 == 0;
      writer.begin(0, invalid ? 0 : 2, i, 0, 2, 1_000, 2_000);
      writer.name(Text.of("GET"));
      writer.end();
    }
    Receiver.Landing landing = rig.intake.reserve(Signal.TRACES, writer.size(), "");
    writer.writeTo(landing.buffer());
    landing.submit(ack);
  }

  @ParameterizedTest(name = "durability: {0}")
  @EnumSource(names = {"MEMORY", "EXPORT"})
  void theRestArrivesAndTheBooksBalance(Durability durability) throws Exception {
    try (Rig rig = new Rig(state, Duration.ofSeconds(5))) {
      rig.engine.apply(Rig.topology(durability, OnMissing.REFUSE));
      Told told = new Told();
      send(rig, 7, false, told);
      Rig.await("the sender is told", () -> !told.all.isEmpty());
      assertThat(told.all).singleElement().asString().startsWith("rejected 2: spans without a trace_id");
      Rig.await("the rest arrives", () -> rig.delivered.size() == 5);
      assertThat(rig.delivered).containsExactlyInAnyOrder(1L, 2L, 4L, 5L, 7L);
      Rig.await("nothing is held", () -> rig.flow("exporters.collect").held() == 0);
      Status.Flow door = rig.flow("receivers.door");
      assertThat(door.in()).isEqualTo(7);
      assertThat(door.out()).isEqualTo(5);
      assertThat(door.refused()).isEqualTo(Map.of("invalid_id", 2L));
      rig.balances();
    }
  }

  @Test
  void aRequestOfNothingElseIsAnsweredAtOnce() throws Exception {
    try (Rig rig = new Rig(state, Duration.ofSeconds(5))) {
      rig.engine.apply(Rig.topology(Durability.EXPORT, OnMissing.REFUSE));
      Told told = new Told();
      send(rig, 4, true, told);
      assertThat(told.all).singleElement().asString().startsWith("rejected 4: ");
      assertThat(rig.flow("receivers.door").difference()).isZero();
      assertThat(rig.flow("receivers.door").held()).isZero();
    }
  }

  @Test
  void aRequestThatIsRefusedLaterIsRefusedWhole() throws Exception {
    try (Rig rig = new Rig(state, Duration.ofMillis(500))) {
      AtomicBoolean refused = new AtomicBoolean();
      rig.processor("fails", 1, x -> (items, edits) -> {
        refused.set(true);
        throw new IllegalStateException("broken");
      });
      rig.engine.apply(Rig.topology(Durability.EXPORT, OnMissing.REFUSE, "fails"));
      Told told = new Told();
      send(rig, 7, false, told);
      Rig.await("the sender is told", () -> !told.all.isEmpty());
      assertThat(refused).isTrue();
      assertThat(told.all).containsExactly("refused");
    }
  }
}
