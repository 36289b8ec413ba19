package io.mop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.data.Signal;
import io.mop.api.plugin.Size;
import io.mop.control.Topology.Batch;
import io.mop.otlp.Structure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BacklogTest {
  private static final long SECOND = 1_000_000_000;
  private static final Arena ARENA = new Arena(64 << 20, 1, () -> {});

  private final Backlog backlog = new Backlog();

  private static Batch batch(long min, long max) {
    return new Batch(Duration.ofSeconds(1), new Size(min), new Size(max));
  }

  private static Delivery delivery(int bytes, String tenant, long now) {
    Arena.Block block = ARENA.reserve(bytes).orElseThrow();
    return new Delivery(new WireBatch(Signal.LOGS, 1, tenant, block, 0, bytes, Settlement.NONE), now);
  }

  private Delivery add(int bytes, String tenant, long now) {
    Delivery d = delivery(bytes, tenant, now);
    backlog.add(d);
    return d;
  }

  private Delivery add(int bytes) {
    return add(bytes, "", 0);
  }

  @Test
  void withoutMinimumWhatIsThereGoesAtOnceUpToTheMaximum() {
    List<Delivery> all = List.of(add(40), add(40), add(20), add(1), add(500), add(1));
    assertThat(backlog.take(batch(0, 100), false, 0)).isEqualTo(all.subList(0, 3));
    assertThat(backlog.take(batch(0, 100), false, 0)).isEqualTo(all.subList(3, 4));
    assertThat(backlog.take(batch(0, 100), false, 0)).as("larger than the maximum").isEqualTo(all.subList(4, 5));
    assertThat(backlog.take(batch(0, 100), false, 0)).isEqualTo(all.subList(5, 6));
    assertThat(backlog.isEmpty()).isTrue();
    assertThat(backlog.take(batch(0, 100), false, 0)).isEmpty();
    assertThat(backlog.left(batch(0, 100), 0)).isEqualTo(Long.MAX_VALUE);
  }

  @ParameterizedTest(name = "clock at {0}")
  @ValueSource(longs = {0, -5, Long.MAX_VALUE - 3, Long.MIN_VALUE})
  void waitsForTheMinimumOrTheFlushTimeoutOfTheOldest(long zero) {
    Batch batch = batch(100, 1_000);
    Delivery first = add(40, "", zero);
    Delivery second = add(40, "", zero + SECOND / 2);
    assertThat(backlog.take(batch, false, zero + SECOND - 1)).isEmpty();
    assertThat(backlog.left(batch, zero + SECOND - 1)).isEqualTo(1);
    assertThat(backlog.take(batch, false, zero + SECOND)).containsExactly(first, second);
    Delivery third = add(99, "", zero + SECOND);
    assertThat(backlog.take(batch, false, zero + SECOND)).isEmpty();
    Delivery fourth = add(1, "", zero + SECOND);
    assertThat(backlog.take(batch, false, zero + SECOND)).containsExactly(third, fourth);
  }

  @Test
  void atOnceWaitsForNothing() {
    Delivery one = add(1);
    assertThat(backlog.take(batch(100, 100), true, 0)).containsExactly(one);
  }

  @Test
  void aBatchHasNoMoreItemsThanARequestMayHave() {
    List<Delivery> all = new ArrayList<>();
    for (int items : new int[] {Structure.ROWS - 1, 1, 1}) {
      Arena.Block block = ARENA.reserve(1).orElseThrow();
      all.add(new Delivery(new WireBatch(Signal.LOGS, items, "", block, 0, 1, Settlement.NONE), 0));
      backlog.add(all.get(all.size() - 1));
    }
    assertThat(backlog.take(batch(0, 100), false, 0)).isEqualTo(all.subList(0, 2));
    assertThat(backlog.take(batch(0, 100), false, 0)).isEqualTo(all.subList(2, 3));
  }

  @Test
  void tenantsAreNotMixedAndTakeTurns() {
    Delivery a1 = add(60, "a", 0);
    Delivery b1 = add(10, "b", 0);
    Delivery a2 = add(60, "a", 0);
    Delivery b2 = add(10, "b", 0);
    assertThat(backlog.take(batch(0, 100), false, 0)).containsExactly(a1);
    assertThat(backlog.take(batch(0, 100), false, 0)).containsExactly(b1, b2);
    assertThat(backlog.take(batch(0, 100), false, 0)).containsExactly(a2);
    add(99, "a", 0);
    Delivery full = add(100, "b", 0);
    assertThat(backlog.take(batch(100, 100), false, 0)).as("a waits, b does not").containsExactly(full);
  }

  @Test
  void aTriedOneGoesAloneWhenItIsDue() {
    Delivery tried = delivery(10, "", 0);
    tried.due = SECOND / 4;
    backlog.addTried(tried);
    Delivery waits = add(10);
    assertThat(backlog.left(batch(100, 100), 0)).isEqualTo(SECOND / 4);
    assertThat(backlog.take(batch(100, 100), false, 0)).isEmpty();
    assertThat(backlog.take(batch(100, 100), true, 0)).as("a drain does not hurry it").containsExactly(waits);
    assertThat(backlog.take(batch(100, 100), true, SECOND / 4)).containsExactly(tried);
  }

  @Test
  void whatIsPutBackIsFirstAgain() {
    List<Delivery> all = List.of(add(1), add(2), add(3));
    List<Delivery> taken = backlog.take(batch(0, 100), false, 0);
    Delivery later = add(4);
    backlog.putBack(taken.subList(1, 3));
    assertThat(backlog.take(batch(9, 100), false, 0)).containsExactly(all.get(1), all.get(2), later);
  }

  /** Nothing is lost, repeated, re-ordered within a tenant, above the maximum or late. */
  @Test
  void anySequenceKeepsThePromises() {
    Random random = new Random(11);
    for (int round = 0; round < 300; round++) {
      Backlog any = new Backlog();
      int min = random.nextInt(200);
      Batch batch = batch(min, min + random.nextInt(200));
      List<List<Delivery>> in = List.of(new ArrayList<>(), new ArrayList<>());
      List<List<Delivery>> out = List.of(new ArrayList<>(), new ArrayList<>());
      long now = 0;
      for (int step = 0; step < 200; step++) {
        now += random.nextInt((int) SECOND / 4);
        int tenant = random.nextInt(2);
        Delivery d = delivery(1 + random.nextInt(100), "" + tenant, now);
        in.get(tenant).add(d);
        any.add(d);
        for (List<Delivery> got = any.take(batch, false, now); !got.isEmpty(); got = any.take(batch, false, now)) {
          int bytes = got.stream().mapToInt(g -> g.batch.bytes()).sum();
          assertThat(got.size() == 1 || bytes <= batch.maxSize().bytes()).isTrue();
          out.get(Integer.parseInt(got.get(0).batch.tenant)).addAll(got);
        }
        for (int t = 0; t < 2; t++) {
          int sent = out.get(t).size();
          assertThat(sent == in.get(t).size() || now - in.get(t).get(sent).began < SECOND).as("waits 1 s").isTrue();
        }
      }
      for (Delivery rest : any.clear()) out.get(Integer.parseInt(rest.batch.tenant)).add(rest);
      assertThat(out).isEqualTo(in);
      in.forEach(line -> line.forEach(d -> d.batch.release()));
    }
    assertThat(ARENA.used()).isLessThanOrEqualTo(2L * Arena.CHUNK);
  }
}
