package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Field;
import io.mop.api.data.Reason;
import io.mop.api.data.Signal;
import io.mop.api.data.Spans;
import io.mop.api.data.Text;
import io.mop.control.Tap;
import io.mop.control.Tap.Change;
import io.mop.control.Tap.Look;
import io.mop.control.Tap.Seen;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class TapTest {
  private static final Set<Signal> ALL = Set.of(Signal.values());
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration AT_ONCE = Duration.ZERO;

  @TempDir Path state;
  private Rig rig;
  private final Rig.CountingAck ack = new Rig.CountingAck();

  /** Drops every 3rd span as {@code third} and every 5th as {@code fifth}; of the others edits the even ones. */
  @BeforeEach
  void start() throws Exception {
    rig = new Rig(state, Duration.ofSeconds(10));
    Reason third = new Reason("third");
    Reason fifth = new Reason("fifth");
    rig.processor("work", 1, x -> {
      Field number = x.fields().item("number");
      Field password = x.fields().item("password");
      Field service = x.fields().resource("service.name");
      return (items, edits) -> {
        while (items.next()) {
          long id = ((Spans) items).spanId();
          if (id % 3 == 0) edits.drop(third);
          else if (id % 5 == 0) edits.drop(fifth);
          else if (id % 2 == 0) {
            edits.set(password, Text.of("hunter" + id));
            edits.rename(number, Text.of("n"));
          }
          if (id > 1_000) edits.set(service, Text.of("late"));
        }
      };
    });
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE, "work"));
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private Tap tap() {
    return rig.engine.tap();
  }

  private static List<Seen> take(Tap.Sample sample, int count) throws Exception {
    List<Seen> seen = new ArrayList<>();
    while (seen.size() < count) {
      seen.add(sample.next(LIMIT).orElseThrow(() -> new AssertionError(seen.size() + " came")));
    }
    return seen;
  }

  private static String id(Seen seen) {
    return seen.item().fields().get("span_id").toString().replaceFirst("^0+", "");
  }

  @Test
  void edgesAreThoseOfTheGraph() {
    assertThat(tap().edges())
        .containsExactly(
            new Tap.Edge("receivers.door", Set.of(Signal.TRACES), Set.of("traces")),
            new Tap.Edge("processors.work", Set.of(Signal.TRACES), Set.of("traces")),
            new Tap.Edge("exporters.collect", Set.of(Signal.TRACES), Set.of("traces")));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "receivers.door, 1 2 3 4 5 6 7 8, number", "processors.work, 1 2 4 7 8, n", "exporters.collect, 1 2 4 7 8, n"
  })
  void everyEdgeShowsWhatIsThere(String edge, String ids, String keyOfEven) throws Exception {
    try (Tap.Sample sample = tap().open(new Look(edge, ALL, false, 1_000))) {
      rig.send(1, 8, ack);
      List<String> expected = List.of(ids.split(" "));
      List<Seen> seen = take(sample, expected.size());
      assertThat(seen).extracting(TapTest::id).containsExactlyElementsOf(expected);
      Tap.Item two = seen.get(1).item();
      assertThat(two.signal()).isEqualTo(Signal.TRACES);
      assertThat(two.service()).isEqualTo("rig");
      assertThat(two.name()).isEqualTo("GET");
      assertThat(two.time()).isEqualTo(1_000);
      assertThat(two.attributes()).containsEntry(keyOfEven, 2L);
      assertThat(two.fields()).containsEntry("duration_nanos", 1_000L).containsEntry("kind", "server");
      assertThat(seen).allSatisfy(s -> assertThat(s.changes()).isEmpty());
      assertThat(sample.passed()).isEqualTo(sample.copied()).isEqualTo(expected.size());
      assertThat(sample.next(AT_ONCE)).isEmpty();
    }
    Rig.await("the pipeline is as without a sample", () -> rig.delivered.size() == 5);
  }

  @Test
  void aDiffShowsChangesAndDropsWithTheirReasons() throws Exception {
    try (Tap.Sample sample = tap().open(new Look("processors.work", ALL, true, 1_000))) {
      rig.send(1, 6, ack);
      List<Seen> seen = take(sample, 6);
      assertThat(seen).extracting(TapTest::id).containsExactly("1", "2", "3", "4", "5", "6");
      assertThat(seen).extracting(s -> s.dropped().orElse(""))
          .containsExactly("", "", "third", "", "fifth", "third");
      assertThat(seen.get(0).changes()).isEmpty();
      assertThat(seen.get(3).changes())
          .containsExactlyInAnyOrder(
              new Change("attribute", "number", Optional.of(4L), Optional.empty()),
              new Change("attribute", "n", Optional.empty(), Optional.of(4L)),
              new Change("attribute", "password", Optional.empty(), Optional.of("****")));
      assertThat(seen.get(3).item().attributes()).containsEntry("password", "****");
      assertThat(seen.get(4).item().attributes()).containsEntry("number", 5L);
      assertThat(seen.toString()).doesNotContain("hunter");
      rig.send(1_001, 1, ack);
      assertThat(take(sample, 1).get(0).changes())
          .containsExactly(new Change("resource", "service.name", Optional.of("rig"), Optional.of("late")));
    }
  }

  /** Whatever part of a batch is copied, an item is compared with itself. */
  @Test
  void aDiffOfAPartOfABatchMatchesItems() throws Exception {
    for (int round = 0; round < 30; round++) {
      try (Tap.Sample sample = tap().open(new Look("processors.work", ALL, true, 7))) {
        rig.send(1, 100, ack);
        for (Seen s : take(sample, 7)) {
          long id = Long.parseLong(id(s), 16);
          assertThat(s.dropped()).isEqualTo(
              id % 3 == 0 ? Optional.of("third") : id % 5 == 0 ? Optional.of("fifth") : Optional.empty());
          if (s.dropped().isEmpty()) {
            assertThat(s.changes()).hasSize(id % 2 == 0 ? 3 : 0);
            assertThat(s.item().attributes()).containsEntry(id % 2 == 0 ? "n" : "number", id);
          }
        }
        assertThat(sample.passed()).isEqualTo(100);
        assertThat(sample.copied()).isEqualTo(7);
      }
    }
  }

  @Test
  void whatTheReaderDoesNotTakeIsCountedAndNothingWaits() throws Exception {
    try (Tap.Sample sample = tap().open(new Look("receivers.door", ALL, false, Tap.MOST))) {
      for (int i = 0; i < 100; i++) rig.send(1, 100, ack);
      Rig.await("all was acknowledged", () -> ack.safe.get() == 100);
      Rig.await("all passed", () -> rig.flow("receivers.door").out() == 10_000 && sample.passed() == 10_000);
      assertThat(sample.copied()).isBetween(1L, 1024L);
    }
  }

  @Test
  void otherSignalsAndOtherEdgesAreNotLookedAt() throws Exception {
    try (Tap.Sample sample = tap().open(new Look("receivers.door", Set.of(Signal.LOGS), false, 10))) {
      rig.send(1, 8, ack);
      Rig.await("it passed", () -> rig.delivered.size() == 5);
      assertThat(sample.passed()).isZero();
    }
  }

  @Test
  void aClosedSampleIsNoLongerServed() throws Exception {
    Tap.Sample other = tap().open(new Look("exporters.collect", ALL, false, 10));
    Tap.Sample sample = tap().open(new Look("receivers.door", ALL, false, 10));
    sample.close();
    rig.send(1, 1, ack);
    assertThat(take(other, 1)).hasSize(1);
    assertThat(sample.passed()).isZero();
    assertThat(sample.ended()).contains("closed");
    other.close();
    rig.send(1, 1, ack);
    Rig.await("it passed", () -> rig.delivered.size() == 2);
    assertThat(other.passed()).isEqualTo(1);
  }

  @Test
  void aSampleEndsWithTheEngine() throws Exception {
    Tap.Sample sample = tap().open(new Look("receivers.door", ALL, false, 10));
    rig.engine.stop(Duration.ofSeconds(5));
    assertThat(sample.ended()).contains("MOP is stopping");
    assertThat(sample.next(LIMIT)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "receivers.none | false | 10 | There is no edge \"receivers.none\"; there are: receivers.door,"
            + " processors.work, exporters.collect.",
        "receivers.door | true | 10 | Only a processor changes items, expected one in place of receivers.door.",
        "receivers.door | false | 0 | The rate is 0, expected 1 to 10000 items a second.",
        "receivers.door | false | 10001 | The rate is 10001, expected 1 to 10000 items a second.",
      })
  void whatCannotBeLookedAtIsASentence(String edge, boolean diff, int rate, String message) {
    assertThatThrownBy(() -> tap().open(new Look(edge, ALL, diff, rate)))
        .isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
