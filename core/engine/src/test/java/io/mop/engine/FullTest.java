package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What is done before there is no room left, and when there is none. */
class FullTest extends EngineSetup {
  /** The backend answers nothing until {@code open}; says how many batches of 100 were taken. */
  private int sendUntilPaused(CountDownLatch open) throws Exception {
    rig.sink = (batch, outcome) -> {
      if (open.getCount() == 0) return false;
      outcome.retry("not yet", Duration.ZERO);
      return true;
    };
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE));
    int sent = 0;
    while (rig.reading) {
      try {
        rig.send(1 + sent * 100L, 100, ack);
        sent++;
      } catch (Receiver.Refused full) {
        Rig.await("reading is paused", () -> !rig.reading);
      }
    }
    return sent;
  }

  @Test
  void aReceiverStopsReadingBeforeAQueueIsFullAndGoesOnWhenItIsEmptier() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    int sent = sendUntilPaused(open);
    assertThat(rig.health("receivers.door").healthy()).isFalse();
    assertThat(rig.health("receivers.door").reason())
        .startsWith("reading is paused: the sending queue of exporters.collect is ").endsWith(" % full");
    assertThat(rig.engine.status().counters()).containsEntry("receivers.door pauses", 1L);
    open.countDown();
    Rig.await("it reads again", () -> rig.reading);
    assertThat(rig.health("receivers.door").healthy()).isTrue();
    int all = sent * 100;
    Rig.await("all spans", () -> rig.delivered.size() == all);
    rig.balances();
  }

  @Test
  void aPauseThatDoesNotHelpEndsAndTheDoorRefuses() throws Exception {
    CountDownLatch open = new CountDownLatch(1);
    int sent = sendUntilPaused(open);
    Rig.await("it reads again, though nothing has drained", () -> rig.reading);
    assertThat(rig.delivered).isEmpty();
    assertThat(rig.health("receivers.door").healthy()).isFalse();
    assertThat(rig.health("receivers.door").reason())
        .startsWith(
            "reading goes on after 5 s, and what does not fit is refused: the sending queue of exporters.collect");
    int refusedAt = -1;
    for (int i = 0; i < 10_000 && refusedAt < 0; i++) {
      try {
        rig.send(1 + sent * 100L, 100, ack);
        sent++;
      } catch (Receiver.Refused full) {
        refusedAt = i;
      }
    }
    assertThat(refusedAt).as("refused, not paused again").isNotNegative();
    assertThat(rig.engine.status().counters()).containsEntry("receivers.door pauses", 1L);
    open.countDown();
    Rig.await("the receiver is well again", () -> rig.health("receivers.door").healthy());
    int all = sent * 100;
    Rig.await("all spans", () -> rig.delivered.size() == all);
    rig.balances();
  }

  @Test
  void aFullQueueRefusesRetryably() throws Exception {
    rig.sink = (batch, outcome) -> true; // never answers
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE));
    assertThatThrownBy(() -> {
      for (int i = 0; i < 1_000_000; i++) rig.send(i, 100, ack);
    })
        .isInstanceOf(Receiver.Refused.class)
        .hasMessage("the sending queue of exporters.collect is full");
    rig.balances();
  }

  @Test
  void memoryIsBounded() throws Exception {
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.REFUSE));
    List<Receiver.Landing> held = new CopyOnWriteArrayList<>();
    assertThatThrownBy(() -> {
      for (int i = 0; i < 100; i++) held.add(rig.intake.reserve(Signal.TRACES, 3 << 20, ""));
    })
        .isInstanceOf(Receiver.Refused.class)
        .hasMessage("the memory limit is reached (service.memory)");
    assertThat(held).hasSize(16); // 64 MiB in chunks of 4 MiB
    held.forEach(Receiver.Landing::cancel);
    rig.send(1, 1, ack);
    Rig.await("one span", () -> rig.delivered.size() == 1);
  }
}
