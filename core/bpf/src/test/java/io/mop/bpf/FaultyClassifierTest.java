package io.mop.bpf;

import static io.mop.bpf.Recording.SEND;
import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.capture.Classifier;
import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
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

  /** What a process sent, and what was recorded of that. */
  private record Sent(HttpMessages messages, List<Recording.Copy> records, Map<Counter, Long> counters) {
    int bytes() {
      return ObservedTalker.HELLO + messages.bytes().length;
    }

    int recorded() {
      return records.stream().mapToInt(Recording.Copy::len).sum();
    }
  }

  private Sent send(Protocol protocol) throws Exception {
    try (Probe probe = Probe.start(16 << 20, hook)) {
      probe.classifiers().load("faulty", protocol);
      Recording recording = new Recording(probe.ring());
      try (ObservedTalker talker = new ObservedTalker(probe, recording, protocol)) {
        HttpMessages messages = talker.talk(3, MESSAGES, true, 0);
        talker.awaitEnd();
        recording.until("the close", () -> recording.all().stream().anyMatch(r -> r.kind() == Recording.CLOSE));
        List<Recording.Copy> sent = recording.of(talker.conn).stream().filter(r -> r.data(SEND)).toList();
        return new Sent(messages, sent, probe.counters());
      }
    }
  }

  @Test
  void callsThatAreNotGivenBackAreCounted() throws Exception {
    Sent sent = send(new Brings("forgets.bpf.o"));
    long untold = sent.counters.get(Counter.UNTOLD);
    assertThat(untold).isPositive();
    assertThat(sent.recorded()).isLessThan(sent.bytes());
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
    Sent sent = send(new Brings("wild.bpf.o"));
    assertThat(sent.recorded()).isEqualTo(sent.bytes());
    byte[] bytes = sent.messages.bytes();
    int at = -ObservedTalker.HELLO;
    int cut = 0;
    for (Recording.Copy r : sent.records) {
      if (at >= 0) {
        assertThat(new String(bytes, at, r.cap(), StandardCharsets.ISO_8859_1)).isEqualTo(r.text());
      }
      at += r.len();
      cut += r.len() - r.cap();
    }
    assertThat(cut).isPositive();
    Sums.assertBalanced(sent.counters);
  }

  @Test
  void oneThatIsNotThereLeavesAllAsItWas() throws Exception {
    Sent sent = send(new Brings("nowhere.bpf.o"));
    assertThat(sent.recorded()).isEqualTo(sent.bytes());
    assertThat(sent.counters).containsEntry(Counter.FRAMED, 0L).containsEntry(Counter.UNTOLD, 0L);
    Sums.assertBalanced(sent.counters);
  }
}
