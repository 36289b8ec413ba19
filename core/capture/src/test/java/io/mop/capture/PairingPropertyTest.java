package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Every pair is right, whatever is lost; without a loss every exchange is there. */
class PairingPropertyTest {
  private static final int EXCHANGES = 40;

  @Property(tries = 2000)
  void nothingIsMissingWithoutALoss(
      @ForAll long seed, @ForAll boolean server, @ForAll @IntRange(min = 1, max = 32) int depth) {
    Setup s = new Setup();
    Wire w = new Wire(1, s.capture);
    new Conversation(w, new Random(seed), server, depth, 0).run(EXCHANGES);
    w.close();
    right(s);
    assertThat(s.pairs()).hasSizeBetween(EXCHANGES, EXCHANGES + 1).doesNotHaveDuplicates();
    assertThat(s.count(Counters.EXCHANGES_INCOMPLETE)).isZero();
    assertThat(s.count(Counters.RESPONSES_UNMATCHED)).isZero();
    assertThat(s.count(Counters.RESYNCS)).isZero();
  }

  @Property(tries = 2000)
  void neverPairsAcrossALoss(
      @ForAll long seed,
      @ForAll boolean server,
      @ForAll @IntRange(min = 1, max = 32) int depth,
      @ForAll @IntRange(min = 1, max = 30) int percent) {
    Setup s = new Setup();
    Wire w = new Wire(1, s.capture);
    Conversation c = new Conversation(w, new Random(seed), server, depth, percent / 100.0);
    c.run(EXCHANGES);
    accounted(s, w, c);
  }

  @Property(tries = 2000)
  void withoutPipeliningALossCostsFewExchanges(
      @ForAll long seed, @ForAll boolean server, @ForAll @IntRange(min = 1, max = 30) int percent) {
    Setup s = new Setup();
    Wire w = new Wire(1, s.capture);
    Conversation c = new Conversation(w, new Random(seed), server, 1, percent / 100.0);
    c.late = false;
    c.run(EXCHANGES);
    int completed = s.sink.spans.size();
    long resyncs = s.count(Counters.RESYNCS);
    accounted(s, w, c);
    assertThat(completed).isGreaterThanOrEqualTo((int) (EXCHANGES - 1 - 3 * (c.dropped + c.unseen + resyncs)));
  }

  private static void accounted(Setup s, Wire w, Conversation c) {
    w.recv("!").close();
    assertThat(s.count(Counters.RECORDS_LOST)).isEqualTo(c.dropped);
    right(s);
  }

  private static void right(Setup s) {
    List<String> pairs = s.pairs();
    assertThat(pairs).allMatch(p -> p.substring(0, p.indexOf('=')).equals(p.substring(p.indexOf('=') + 1)));
    assertThat(pairs).doesNotHaveDuplicates();
    assertThat(s.balanced()).isTrue();
    assertThat(s.count(Counters.EXCHANGES_IN_FLIGHT)).isZero();
    assertThat(s.count(Counters.STREAM_BYTES)).isZero();
    assertThat(s.count(Counters.CONNECTIONS_OPEN)).isZero();
  }
}
