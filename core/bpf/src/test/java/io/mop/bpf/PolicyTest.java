package io.mop.bpf;

import static io.mop.bpf.Recording.RECV;
import static io.mop.bpf.Recording.SEND;
import static org.assertj.core.api.Assertions.assertThat;

import io.mop.capture.Policy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** Of each connection as much is handed over as is wanted of it, and what is not is counted. */
@OnBothHooks
class PolicyTest {
  @Parameter EbpfPlugin.Hook hook;
  @TempDir Path directory;
  private Probe probe;
  private Nginx nginx;
  private HttpClient client;
  private Recording recording;
  private long conn;

  @BeforeEach
  void start() throws Exception {
    probe = Probe.start(1 << 20, hook);
    recording = new Recording(probe.ring());
    nginx = new Nginx(directory, 0, false).file("small", "small ", 20).file("page", "page ", 4096);
    nginx.file("large", "large ", 300_000);
    probe.selection().set(nginx.pid());
    nginx.run();
    client = new HttpClient(nginx.port());
    client.get("/small");
    recording.until("the first exchange", () -> recording.moved(client.port(), client.sent().length, 20));
    conn = recording.connection(client.port());
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    nginx.close();
    probe.close();
  }

  /** Records of what the client asks for under the policy. */
  private List<Recording.Copy> under(Policy policy, String... paths) throws IOException {
    probe.policies().set(conn, policy, Optional.empty());
    int before = recording.drain().of(conn).size();
    long sent = recording.bytes(conn, RECV);
    long received = recording.bytes(conn, SEND);
    int asked = client.sent().length;
    int answered = client.received().length;
    for (String path : paths) client.get(path);
    if (policy != Policy.COUNT_ONLY) {
      long in = sent + client.sent().length - asked;
      long out = received + client.received().length - answered;
      recording.until("all bytes", () -> recording.bytes(conn, RECV) >= in && recording.bytes(conn, SEND) >= out);
    }
    recording.drain();
    return recording.of(conn).subList(before, recording.of(conn).size());
  }

  /** What was counted for this connection's calls: with the server at rest, and nobody else talking to it. */
  private Map<Counter, Long> counters() throws IOException {
    nginx.close();
    return probe.counters();
  }

  @Test
  void headsOfAServer() throws Exception {
    List<Recording.Copy> records = under(Policy.HEADS_OF_SERVER, "/large", "/small");
    List<Recording.Copy> sent = records.stream().filter(r -> r.data(SEND)).toList();
    assertThat(records.stream().filter(r -> r.data(RECV))).hasSize(2).allMatch(r -> r.cap() == r.len());
    assertThat(sent.get(0).cap()).isEqualTo(1024);
    assertThat(sent.get(0).text()).startsWith("HTTP/1.1 200 OK");
    List<Recording.Copy> body = sent.subList(1, sent.size() - 1);
    assertThat(body).isNotEmpty().allMatch(r -> r.cap() == Math.min(64, r.len()) && r.kind() == Recording.DATA);
    assertThat(sent.get(sent.size() - 1).text()).startsWith("HTTP/1.1 200 OK");
    assertPositionsWithoutGap(records);
    Map<Counter, Long> n = counters();
    assertThat(n.get(Counter.HEADS)).isEqualTo(sent.stream().filter(r -> r.cap() < r.len()).count());
    assertThat(n.get(Counter.TRUNCATED)).isZero();
    Sums.assertBalanced(n);
  }

  @Test
  void headsOfAClientAreLongerForWhatIsSent() throws Exception {
    List<Recording.Copy> records = under(Policy.HEADS_OF_CLIENT, "/page");
    assertThat(records.stream().filter(r -> r.data(RECV))).allMatch(r -> r.cap() == Math.min(1024, r.len()));
    assertThat(records.stream().filter(r -> r.data(SEND)).findFirst().orElseThrow().cap()).isEqualTo(4096);
    Sums.assertBalanced(counters());
  }

  @Test
  void recordsWithoutPayload() throws Exception {
    List<Recording.Copy> records = under(Policy.HEADER_ONLY, "/page", "/large");
    assertThat(records).allMatch(r -> r.cap() == 0).allMatch(r -> r.kind() == Recording.DATA);
    assertPositionsWithoutGap(records);
    Map<Counter, Long> n = counters();
    assertThat(n.get(Counter.HEADER_ONLY)).isEqualTo(records.size());
    Sums.assertBalanced(n);
  }

  @Test
  void noRecordsAndAllAgain() throws Exception {
    long in = client.sent().length;
    assertThat(under(Policy.COUNT_ONLY, "/page", "/small")).isEmpty();
    long unseen = client.sent().length - in;
    List<Recording.Copy> records = under(Policy.FULL, "/small");
    assertThat(records).allMatch(r -> r.cap() == r.len());
    List<Recording.Copy> before = recording.of(conn).stream().filter(r -> r.data(RECV)).toList();
    Recording.Copy first = records.get(0);
    assertThat(first.position() - first.len() - before.get(0).position()).as("bytes counted only").isEqualTo((int) unseen);
    assertThat(first.seq()).as("no number is missing").isEqualTo(2);
    Map<Counter, Long> n = counters();
    assertThat(n.get(Counter.COUNT_ONLY)).as("a request and a response at least").isGreaterThanOrEqualTo(4);
    Sums.assertBalanced(n);
  }

  @Test
  void othersAreNotTouched() throws Exception {
    probe.policies().set(conn, Policy.COUNT_ONLY, Optional.empty());
    try (HttpClient other = new HttpClient(nginx.port())) {
      other.get("/small");
      recording.until("the other's bytes", () -> recording.moved(other.port(), other.sent().length, 20));
      assertThat(recording.content(recording.connection(other.port()), RECV)).isEqualTo(other.sent());
    }
  }

  private static void assertPositionsWithoutGap(List<Recording.Copy> records) {
    for (int dir : new int[] {RECV, SEND}) {
      List<Recording.Copy> of = records.stream().filter(r -> r.data(dir)).toList();
      for (int i = 1; i < of.size(); i++) {
        assertThat(of.get(i).position() - of.get(i).len()).isEqualTo(of.get(i - 1).position());
      }
    }
  }
}
