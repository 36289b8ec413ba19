package io.mop.bpf;

import static io.mop.bpf.Recording.RECV;
import static io.mop.bpf.Recording.SEND;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** A real server under real requests: what is recorded is what its client sent and received. */
@OnBothHooks
class SocketCaptureTest {
  @Parameter EbpfPlugin.Hook hook;
  private static final int RING = 16 << 20;
  @TempDir Path directory;
  private Probe probe;
  private Recording recording;

  @BeforeEach
  void start() throws BpfException {
    probe = Probe.start(RING, hook);
    recording = new Recording(probe.ring());
  }

  @AfterEach
  void stop() {
    probe.close();
  }

  private Nginx nginx(String name, int workers, boolean sendfile) {
    Nginx nginx = new Nginx(directory.resolve(name), workers, sendfile);
    return nginx.file("small", "small ", 20).file("page", "page ", 4096).file("large", "large ", 300_000);
  }

  private void awaitAll(HttpClient client) {
    recording.until(
        "all bytes of port " + client.port(),
        () -> recording.moved(client.port(), client.sent().length, client.received().length));
  }

  @Test
  void everyByteOfEveryRequestAndResponseIsSeen() throws Exception {
    try (Nginx nginx = nginx("a", 0, false)) {
      probe.selection().set(nginx.pid());
      nginx.run();
      try (HttpClient one = new HttpClient(nginx.port()); HttpClient two = new HttpClient(nginx.port())) {
        for (int i = 0; i < 50; i++) {
          one.get("/small").get("/page");
          two.get("/large").get("/absent");
        }
        for (HttpClient client : List.of(one, two)) {
          awaitAll(client);
          long conn = recording.connection(client.port());
          assertThat(recording.bytes(conn, RECV)).isEqualTo(client.sent().length);
          assertThat(recording.bytes(conn, SEND)).isEqualTo(client.received().length);
          assertThat(recording.content(conn, RECV)).isEqualTo(client.sent());
          assertNumberedWithoutGap(conn);
          assertPositionsWithoutGap(conn);
        }
      }
    }
    Sums.assertBalanced(probe.counters());
    assertThat(probe.counters().get(Counter.RESERVE_FAILED)).isZero();
  }

  private void assertNumberedWithoutGap(long conn) {
    int[] numbers = recording.of(conn).stream().filter(Recording.Copy::numbered).mapToInt(r -> r.seq()).toArray();
    assertThat(numbers).isEqualTo(IntStream.range(0, numbers.length).toArray());
  }

  private void assertPositionsWithoutGap(long conn) {
    for (int dir : new int[] {RECV, SEND}) {
      List<Recording.Copy> data = recording.of(conn).stream().filter(r -> r.data(dir)).toList();
      for (int i = 1; i < data.size(); i++) {
        assertThat(data.get(i).position() - data.get(i).len()).isEqualTo(data.get(i - 1).position());
      }
    }
  }

  @Test
  void payloadIsTheBeginningOfWhatWasSent() throws Exception {
    try (Nginx nginx = nginx("a", 0, false)) {
      probe.selection().set(nginx.pid());
      nginx.run();
      try (HttpClient client = new HttpClient(nginx.port())) {
        client.get("/small").get("/page").get("/large");
        awaitAll(client);
        byte[] received = client.received();
        int at = 0;
        int cut = 0;
        for (Recording.Copy r : recording.of(recording.connection(client.port()))) {
          if (!r.data(SEND)) continue;
          assertThat(r.cap()).isEqualTo(Math.min(r.len(), 4096));
          assertThat(r.payload()).isEqualTo(Arrays.copyOfRange(received, at, at + r.cap()));
          at += r.len();
          if (r.cap() < r.len()) cut++;
        }
        assertThat(cut).isPositive();
      }
    }
    long cut = recording.all().stream().filter(r -> r.data() && r.cap() < r.len()).count();
    assertThat(probe.counters().get(Counter.TRUNCATED)).isEqualTo(cut);
  }

  @Test
  void sendfileIsCountedByLengthWithoutBytes() throws Exception {
    try (Nginx nginx = nginx("a", 0, true)) {
      probe.selection().set(nginx.pid());
      nginx.run();
      try (HttpClient client = new HttpClient(nginx.port())) {
        client.get("/large");
        awaitAll(client);
        long conn = recording.connection(client.port());
        assertThat(recording.bytes(conn, SEND)).isEqualTo(client.received().length);
        assertThat(recording.content(conn, SEND).length).isLessThan(4096);
        assertPositionsWithoutGap(conn);
      }
    }
    assertThat(probe.counters().get(Counter.NO_BUFFER)).isPositive();
    Sums.assertBalanced(probe.counters());
  }

  @Test
  void nothingOfAProcessThatIsNotSelectedIsCopied() throws Exception {
    try (Nginx nginx = nginx("a", 0, false);
        Nginx decoy = nginx("b", 0, false).file("secret", "DECOY-RESPONSE", 200)) {
      probe.selection().set(nginx.pid());
      nginx.run();
      decoy.run();
      try (HttpClient seen = new HttpClient(nginx.port()); HttpClient unseen = new HttpClient(decoy.port())) {
        for (int i = 0; i < 100; i++) unseen.get("/secret").get("/DECOY-REQUEST");
        seen.get("/small");
        for (int i = 0; i < 100; i++) unseen.get("/secret").get("/DECOY-REQUEST");
        seen.get("/page");
        awaitAll(seen);
        assertThat(new String(unseen.received())).contains("DECOY-RESPONSE");
        assertThat(recording.anywhere("DECOY")).isFalse();
        assertThat(recording.opens()).allMatch(r -> r.u32(0) == nginx.pid());
        assertThat(recording.knows(unseen.port())).isFalse();
      }
    }
    // With all calls over the kernel's count is what was read: the decoy's are not even counted.
    assertThat(Sums.records(probe.counters())).isEqualTo(recording.drain().all().size());
    Sums.assertBalanced(probe.counters());
  }

  @Test
  void anEmptySelectionSeesNothingAndALateOneSeesConnectionsThatAreOpen() throws Exception {
    try (Nginx nginx = nginx("a", 0, false).run(); HttpClient client = new HttpClient(nginx.port())) {
      client.get("/small").get("/page");
      assertThat(recording.drain().all()).isEmpty();
      assertThat(probe.counters().values()).containsOnly(0L);
      int before = client.sent().length;
      int answered = client.received().length;
      probe.selection().set(nginx.pid());
      client.get("/small");
      recording.until(
          "the late request",
          () -> recording.moved(client.port(), client.sent().length - before, client.received().length - answered));
      long conn = recording.connection(client.port());
      assertThat(recording.bytes(conn, RECV)).isEqualTo(client.sent().length - before);
      assertThat(recording.bytes(conn, SEND)).isEqualTo(client.received().length - answered);
      assertThat(recording.of(conn).get(0).kind()).isEqualTo(Recording.OPEN);
    }
  }

  @Test
  void connectionOpenedBeforeAttachIsSeen() throws Exception {
    probe.close();
    try (Nginx nginx = nginx("a", 0, false).run(); HttpClient client = new HttpClient(nginx.port())) {
      client.get("/small");
      int before = client.sent().length;
      start();
      probe.selection().set(nginx.pid());
      client.get("/page");
      recording.until("the request", () -> recording.moved(client.port(), client.sent().length - before, 4096));
      assertThat(recording.content(recording.connection(client.port()), RECV))
          .isEqualTo(Arrays.copyOfRange(client.sent(), before, client.sent().length));
    }
  }

  @Test
  void deselectedProcessIsSilentAtOnce() throws Exception {
    try (Nginx nginx = nginx("a", 0, false)) {
      probe.selection().set(nginx.pid());
      nginx.run();
      try (HttpClient client = new HttpClient(nginx.port())) {
        client.get("/small");
        awaitAll(client);
        long records = recording.drain().all().size();
        probe.selection().clear(nginx.pid());
        client.get("/small"); // whatever call was running has ended
        long seen = probe.counters().get(Counter.SEEN);
        client.get("/large").get("/small");
        assertThat(probe.counters().get(Counter.SEEN)).isEqualTo(seen);
        assertThat(recording.drain().all()).hasSize((int) records);
      }
    }
  }

  @Test
  void childrenOfASelectedProcessAreFollowed() throws Exception {
    try (Nginx nginx = nginx("a", 2, false)) {
      probe.selection().set(nginx.pid());
      nginx.run();
      try (HttpClient client = new HttpClient(nginx.port())) {
        client.get("/small").get("/large");
        awaitAll(client);
        Recording.Copy open =
            recording.opens().stream().filter(r -> r.u16(8) == client.port()).findFirst().orElseThrow();
        assertThat(open.u32(0)).isNotEqualTo(nginx.pid());
        assertThat(ProcessHandle.of(open.u32(0)).flatMap(ProcessHandle::parent)).map(ProcessHandle::pid)
            .hasValue((long) nginx.pid());
        assertThat(probe.selection().contains(open.u32(0))).isTrue();
      }
    }
  }

  @Test
  void selectionEndsWithTheProcess() {
    int pid;
    try (Child child = new Child("true")) {
      pid = child.pid();
      probe.selection().set(pid);
      assertThat(probe.selection().contains(pid)).isTrue();
      child.run();
      assertThat(child.awaitExit()).isZero();
    }
    recording.until("the bit of " + pid + " is cleared", () -> !probe.selection().contains(pid));
  }
}
