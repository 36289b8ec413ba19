package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Reason;
import io.mop.api.pipeline.Receiver;
import io.mop.control.Topology.Durability;
import io.mop.control.Topology.OnMissing;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Stages that fail, hang or leave threads behind. */
class TrippedStageTest extends EngineSetup {
  @Test
  void aStageThatThrowsIsTrippedAndBypassed() throws Exception {
    rig.processor("bad", 1, x -> (items, edits) -> {
      throw new IllegalStateException("always");
    });
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.BYPASS, "bad"));
    for (int i = 0; i < 20; i++) rig.send(1 + i * 10L, 10, ack);
    Rig.await("200 spans", () -> rig.delivered.size() == 200);
    assertThat(rig.delivered).containsExactlyInAnyOrder(Rig.ids(1, 200));
    Rig.await("tripped", () -> !rig.health("processors.bad").healthy());
    assertThat(rig.health("processors.bad").reason()).contains("3 failures").contains("always");
    rig.balances();
  }

  @Test
  void aHangingStageIsTakenOutAndItsBatchGoesOn() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger late = new AtomicInteger();
    rig.processor("hang", 1, x -> (items, edits) -> {
      if (calls.incrementAndGet() != 5) return;
      while (release.getCount() > 0) Thread.onSpinWait(); // ignores interrupts
      try {
        items.next();
      } catch (IllegalStateException e) {
        late.incrementAndGet();
      }
      try {
        edits.drop(new Reason("late"));
      } catch (IllegalStateException e) {
        late.incrementAndGet();
      }
    });
    rig.engine.apply(Rig.topology(Durability.EXPORT, OnMissing.BYPASS, "hang"));
    for (int i = 0; i < 50; i++) rig.send(1 + i * 10L, 10, ack);
    Rig.await("500 spans", () -> rig.delivered.size() == 500);
    assertThat(rig.delivered).containsExactlyInAnyOrder(Rig.ids(1, 500));
    Rig.await("tripped",
        () -> rig.health("processors.hang").reason().startsWith("tripped: a call took longer than 200 ms"));
    release.countDown();
    Rig.await("the late calls are refused", () -> late.get() == 2);
    Rig.await("50 acks", () -> ack.safe.get() == 50);
    rig.balances();
  }

  @Test
  void aStageThatLeavesThreadsBehindIsNamedAndItsNeighbourStays() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    rig.processor("spawn", 1, x -> (items, edits) -> {
      Thread t = new Thread(() -> {
        try {
          end.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      });
      t.setDaemon(true);
      t.start();
    });
    rig.processor("sound", 1, x -> (items, edits) -> { });
    rig.engine.apply(Rig.topology(Durability.MEMORY, OnMissing.BYPASS, "spawn", "sound"));
    for (int i = 0; i < 40; i++) rig.send(1 + i * 10L, 10, ack);
    Rig.await("named", () -> rig.health("processors.spawn").reason().contains("threads running; at most 32"));
    assertThat(rig.health("processors.sound").healthy()).isTrue();
    end.countDown();
    Rig.await("400 spans", () -> rig.delivered.size() == 400);
    rig.balances();
  }

  @Test
  void aTrippedMandatoryStageClosesTheDoor() throws Exception {
    rig.processor("bad", 1, x -> (items, edits) -> {
      throw new IllegalStateException("always");
    });
    rig.engine.apply(Rig.topology(Durability.EXPORT, OnMissing.REFUSE, "bad"));
    rig.send(1, 10, ack);
    Rig.await("given back", () -> ack.refused.get() == 1);
    assertThatThrownBy(() -> rig.send(1, 10, ack))
        .isInstanceOf(Receiver.Refused.class)
        .hasMessageContaining("processors.bad is missing");
    assertThat(rig.delivered).isEmpty();
    rig.balances();
  }
}
