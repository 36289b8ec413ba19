package io.mop.bpf;

import static io.mop.bpf.Recording.SEND;
import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.capture.Classifier;
import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import io.mop.capture.Policy;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** What a classifier does wrong is bounded and counted, and the next call is captured again. */
@OnBothHooks
class FaultyClassifierTest {
  private static final int HELLO = 5;
  private static final int LINE = 64;
  private static final int MESSAGES = 20;

  @Parameter EbpfPlugin.Hook hook;

  /** Of no connection; brings a classifier. */
  private record Brings(String resource) implements Protocol {
    @Override
    public Optional<Classifier> classifier() {
      return Optional.of(new Classifier(resource));
    }

    @Override
    public Guess sniff(Stream in, Direction direction) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Decoder open(Exchanges out) {
      throw new UnsupportedOperationException();
    }
  }

  /** What was recorded of a child that sends long calls while the classifier is used, and not used any more. */
  private record Sent(HttpMessages messages, List<Recording.Copy> records, Map<Counter, Long> counters) {}

  private Sent send(Protocol protocol, long bytesThatCome) throws Exception {
    HttpMessages messages = HttpMessages.of(3, true, MESSAGES);
    try (Probe probe = Probe.start(16 << 20, hook);
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Child child = Child.java(HttpTalker.class, "" + server.getLocalPort(), "" + LINE)) {
      probe.classifiers().load("faulty", protocol);
      probe.selection().set(child.pid());
      Recording recording = new Recording(probe.ring());
      child.run();
      try (Socket peer = server.accept()) {
        InputStream in = peer.getInputStream();
        assertThat(in.readNBytes(HELLO)).hasSize(HELLO);
        recording.until("the connection", () -> recording.moved(peer.getLocalPort(), 0, HELLO));
        long conn = recording.all().get(recording.all().size() - 1).conn();
        probe.policies().set(conn, Policy.FULL, Optional.of(protocol));
        String line = "3 " + MESSAGES + " true 0";
        child.tell(line + " ".repeat(LINE - line.length() - 1));
        assertThat(in.readNBytes(messages.bytes().length)).hasSize(messages.bytes().length);
        assertThat(child.awaitExit()).isZero();
        recording.until("the close", () -> recording.all().stream().anyMatch(r -> r.kind() == Recording.CLOSE));
        if (bytesThatCome > 0) assertThat(recording.bytes(conn, SEND)).isEqualTo(bytesThatCome);
        return new Sent(messages, recording.of(conn).stream().filter(r -> r.data(SEND)).toList(), probe.counters());
      }
    }
  }

  @Test
  void callsThatAreNotGivenBackAreCounted() throws Exception {
    Sent sent = send(new Brings("forgets.bpf.o"), 0);
    long untold = sent.counters.get(Counter.UNTOLD);
    assertThat(untold).isPositive();
    long gaps = 0;
    for (int i = 1; i < sent.records.size(); i++) {
      Recording.Copy r = sent.records.get(i);
      if (r.position() - r.len() != sent.records.get(i - 1).position()) gaps++;
    }
    assertThat(gaps).as("the positions tell").isPositive();
    // The thread's last call of that kind is found with its next one.
    Map<Counter, Long> found = new HashMap<>(sent.counters);
    found.merge(Counter.UNTOLD, 1L, Long::sum);
    Sums.assertBalanced(found);
  }

  @Test
  void whatMakesNoSenseIsBounded() throws Exception {
    int all = HELLO + HttpMessages.of(3, true, MESSAGES).bytes().length;
    Sent sent = send(new Brings("wild.bpf.o"), all);
    byte[] bytes = sent.messages.bytes();
    int at = -HELLO;
    int cut = 0;
    for (Recording.Copy r : sent.records) {
      if (at >= 0) {
        assertThat(new String(bytes, at, r.cap(), StandardCharsets.ISO_8859_1)).isEqualTo(r.text());
      }
      at += r.len();
      cut += r.len() - r.cap();
    }
    assertThat(at).isEqualTo(bytes.length);
    assertThat(cut).isPositive();
    Sums.assertBalanced(sent.counters);
  }

  @Test
  void oneThatIsNotThereLeavesAllAsItWas() throws Exception {
    int all = HELLO + HttpMessages.of(3, true, MESSAGES).bytes().length;
    Sent sent = send(new Brings("nowhere.bpf.o"), all);
    assertThat(sent.counters).containsEntry(Counter.FRAMED, 0L).containsEntry(Counter.UNTOLD, 0L);
    Sums.assertBalanced(sent.counters);
  }
}
