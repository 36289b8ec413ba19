package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Nothing grows without bound, and what gives way is counted. */
class LimitsTest {
  @Test
  void theQuietestConnectionGivesWay() {
    Setup s = new Setup(Setup.limits(2, 4096, 8));
    Wire a = new Wire(1, s.capture).openServer().recv("Qa 0\n");
    new Wire(2, s.capture).openServer().recv("Qb 0\n");
    a.recv("Qc 0\n");
    new Wire(3, s.capture).openServer().recv("Qd 0\n");
    a.send("Ra 0\n").send("Rc 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "c=c");
    assertThat(s.incomplete(Counters.CONNECTION_EVICTED)).isEqualTo(1);
    assertThat(s.count(Counters.CONNECTIONS_EVICTED)).isEqualTo(1);
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void theOldestExchangeGivesWayAndTheOrderStays() {
    Setup s = new Setup(Setup.limits(2, 4096, 3));
    Wire w = new Wire(1, s.capture).openServer();
    for (String name : "abcde".split("")) w.recv("Q" + name + " 0\n");
    for (String name : "abcde".split("")) w.send("R" + name + " 0\n");
    assertThat(s.pairs()).containsExactly("c=c", "d=d", "e=e");
    assertThat(s.incomplete(Counters.EVICTED)).isEqualTo(2);
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void exchangesOfAllConnectionsTogetherAreBounded() {
    Limits limits = new Limits(100, 4096, 1 << 20, 1000, 8 * 1100, Duration.ofSeconds(1));
    Setup s = new Setup(limits);
    Wire[] wires = new Wire[20];
    for (int i = 0; i < wires.length; i++) wires[i] = new Wire(i, s.capture).openServer().recv("Qa" + i + " 0\n");
    s.capture.drained(0);
    assertThat(s.count(Counters.EXCHANGES_IN_FLIGHT)).isBetween(6L, 8L);
    for (int i = 0; i < wires.length; i++) wires[i].send("Ra" + i + " 0\n").recv("Qb 0\n").send("Rb 0\n");
    assertThat(s.pairs()).filteredOn("b=b"::equals).hasSize(20);
    assertThat(s.pairs()).contains("a19=a19").doesNotContain("a0=a0");
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void aMessageThatNeverEndsIsGivenUp() {
    Setup s = new Setup(Setup.limits(2, 4096, 3));
    Wire w = new Wire(1, s.capture).openServer().recv("Qa 0\n").send("Ra 0\n").recv("Q");
    for (int i = 0; i < 10; i++) w.recv("x".repeat(1000));
    assertThat(s.capture.counters().get(Counters.RESYNCS, Counters.STREAM_FULL)).isEqualTo(1);
    s.capture.drained(0);
    assertThat(s.count(Counters.STREAM_BYTES)).isZero();
    w.send("R? 0\n").recv("Qb 0\n").send("Rb 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "b=b");
  }

  @Test
  void textsOfOpenExchangesAreBounded() {
    Setup s = new Setup(new Limits(1000, 64 << 10, 64 << 20, 1000, 1 << 20, Duration.ofSeconds(1)));
    String name = "n".repeat(30_000);
    for (int i = 0; i < 200; i++) new Wire(i, s.capture).openServer().recv("Q" + name + " 0\n");
    s.capture.drained(0);
    assertThat(s.count(Counters.EXCHANGES_IN_FLIGHT)).as("not 200 of 30 KB").isBetween(20L, 35L);
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void manyTinyRecordsOfManyConnectionsTakeNoMoreThanTheLimit() {
    Setup s = new Setup(new Limits(10_000, 64 << 10, 1 << 20, 100, 1 << 20, Duration.ofSeconds(1)));
    for (int i = 0; i < 200; i++) {
      Wire w = new Wire(i, s.capture).openServer().recv("Q");
      for (int k = 0; k < 2000; k++) w.recv("x");
    }
    s.capture.drained(0);
    assertThat(s.count(Counters.STREAM_BYTES)).isBetween(100_000L, 1L << 20);
    assertThat(s.capture.counters().get(Counters.RESYNCS, Counters.STREAM_FULL)).isPositive();
    s.capture.close();
    assertThat(s.count(Counters.STREAM_BYTES)).isZero();
  }

  @Test
  void allLimitsTogetherHoldAgainstHostileConnections() {
    Limits limits = new Limits(64, 4096, 128 << 10, 16, 64 << 10, Duration.ofSeconds(1));
    Setup s = Setup.withEdges(limits);
    Random random = new Random(3);
    Map<Integer, Wire> wires = new HashMap<>();
    for (int i = 0; i < 60_000; i++) {
      Wire w = wires.computeIfAbsent(random.nextInt(200), k -> new Wire(k, s.capture).openServer());
      switch (random.nextInt(8)) {
        case 0 -> w.recv("Q" + "n".repeat(random.nextInt(4000)));
        case 1 -> w.recv(" 0\n");
        case 2 -> w.send("R" + "n".repeat(random.nextInt(50)) + " 1000000000\n");
        case 3 -> w.recv(new byte[random.nextInt(3000) + 1], 0);
        case 4 -> w.lose(random.nextInt(2), 10);
        case 5 -> w.recv("Qa 0\n".repeat(random.nextInt(40) + 1));
        case 6 -> w.send("x");
        default -> w.recv("x");
      }
      if (i % 100 > 0) continue;
      s.capture.drained(w.now);
      assertThat(s.count(Counters.CONNECTIONS_OPEN)).isLessThanOrEqualTo(64);
      assertThat(s.count(Counters.EXCHANGES_IN_FLIGHT)).isLessThanOrEqualTo(64);
      assertThat(s.count(Counters.STREAM_BYTES)).isLessThanOrEqualTo(128 << 10);
    }
    assertThat(s.count(Counters.CONNECTIONS_EVICTED)).isPositive();
    assertThat(s.count(Counters.EXCHANGES)).as("it was not idle").isGreaterThan(1000);
    assertThat(s.balanced()).isTrue();
    s.capture.close();
    assertThat(s.count(Counters.STREAM_BYTES)).isZero();
    assertThat(s.count(Counters.EXCHANGES_IN_FLIGHT)).isZero();
  }

  @Test
  void unrecognisedBytesAreNotKept() {
    Setup s = new Setup();
    Wire w = new Wire(1, s.capture).openServer();
    for (int i = 0; i < 100; i++) w.recv("hello").send("world");
    s.capture.drained(0);
    assertThat(s.count(Counters.CONNECTIONS_UNCLASSIFIED)).isEqualTo(1);
    assertThat(s.count(Counters.STREAM_BYTES)).isZero();
    w.recv("Qa 0\n").send("Ra 0\n");
    assertThat(s.pairs()).containsExactly("a=a");
  }

  @Property(tries = 200)
  void theTableIsAMap(@ForAll long seed) {
    Random random = new Random(seed);
    Setup s = new Setup(Setup.limits(50, 4096, 3));
    Map<Long, Integer> lru = new LinkedHashMap<>(16, 0.75f, true);
    Map<Long, Wire> wires = new HashMap<>();
    int evicted = 0;
    for (int i = 0; i < 500; i++) {
      long id = random.nextInt(100) * 0x100000000L;
      Wire w = wires.computeIfAbsent(id, k -> new Wire(k, s.capture));
      if (random.nextInt(4) == 0) {
        w.close();
        lru.remove(id);
      } else {
        w.recv("x");
        if (lru.put(id, 1) == null && lru.size() > 50) {
          lru.remove(lru.keySet().iterator().next());
          evicted++;
        }
      }
    }
    s.capture.drained(0);
    assertThat(s.count(Counters.CONNECTIONS_OPEN)).isEqualTo(lru.size());
    assertThat(s.count(Counters.CONNECTIONS_EVICTED)).isEqualTo(evicted);
  }

  @Property(tries = 300)
  void anyRecordIsTaken(@ForAll long seed) {
    Random random = new Random(seed);
    Setup s = new Setup(Setup.limits(8, 2048, 4));
    byte[] bytes = new byte[256];
    ByteBuffer b = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    Record r = new Record();
    for (int i = 0; i < 300; i++) {
      random.nextBytes(bytes);
      int cap = random.nextInt(300);
      if (random.nextInt(4) > 0) {
        b.putLong(Record.CONN, random.nextInt(10)).put(Record.DIR, (byte) random.nextInt(2));
        b.put(Record.KIND, (byte) (1 + random.nextInt(5))).putShort(Record.CAP, (short) cap);
        b.putInt(Record.LEN, cap + random.nextInt(10)).putInt(Record.SEQ, i);
        b.put(Record.HEADER, (byte) "QRX!x".charAt(random.nextInt(4)));
      }
      assertThatCode(() -> s.capture.accept(r.wrap(b, 0))).doesNotThrowAnyException();
    }
    assertThat(s.count(Counters.RECORDS)).isEqualTo(300);
    assertThat(s.balanced()).isTrue();
    assertThat(s.count(Counters.CONNECTIONS_OPEN)).isLessThanOrEqualTo(8);
    assertThat(s.count(Counters.STREAM_BYTES)).isLessThanOrEqualTo(8 * 2 * 2048);
  }
}
