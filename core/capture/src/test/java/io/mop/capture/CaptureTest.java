package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CaptureTest {
  private final Setup s = new Setup();
  private final Wire w = new Wire(7, s.capture);

  @Test
  void aServersExchangeIsASpan() {
    w.openServer().recv("Qa 0\n").send("Ra 0\n").close();
    s.capture.drained(0);
    assertThat(s.sink.spans).singleElement().satisfies(span -> {
      assertThat(span.kind()).isEqualTo(SpanSink.SERVER);
      assertThat(span.start()).isEqualTo(1_000_000_000_000L + 1_002_000);
      assertThat(span.end() - span.start()).isEqualTo(1000);
      assertThat(span.name()).isEqualTo("lines");
      assertThat(span.parent()).isZero();
      assertThat(span.id()).isNotZero();
      assertThat(span.traceHigh()).isNotZero();
      assertThat(span.process().attributes()).containsEntry("service.name", "one");
      assertThat(span.attributes())
          .isEqualTo(
              Map.of(
                  "q", "a", "r", "a", "server.address", "10.0.0.1", "server.port", 8080L,
                  "client.address", "10.0.0.2", "network.peer.address", "10.0.0.2", "network.peer.port", 40_000L));
    });
    assertThat(s.sink.flushes).isPositive();
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void aClientsExchangeIsAClientSpanByContent() {
    w.openClient().send("Qa 0\n").recv("Ra 0\n");
    assertThat(s.sink.spans).singleElement().satisfies(span -> {
      assertThat(span.kind()).isEqualTo(SpanSink.CLIENT);
      assertThat(span.get("server.address")).isEqualTo("10.0.0.2");
      assertThat(span.get("server.port")).isEqualTo(8080L);
    });
  }

  @Test
  void requestsMayBePipelined() {
    w.openServer().recv("Qa 0\nQb 2\n__Qc 0\n").send("Ra 0\nRb").send(" 3\nxx").send("xRc 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "b=b", "c=c");
  }

  @Test
  void aCallMayBeInSeveralRecords() {
    w.openServer().recv("Qa 0\nQb 0\n").send("Ra 4\nxx").sendOn("xxRb").sendOn(" 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "b=b");
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void aLostRecordOfACallIsALoss() {
    w.openServer().recv("Qa 0\n").send("Ra 4\nxx").lose(Record.SEND, 2).sendOn("yy").recv("Qb 0\n").send("Rb 0\n");
    assertThat(s.incomplete(Counters.RECORD_LOST)).isEqualTo(1);
    assertThat(s.count(Counters.BYTES_LOST)).isEqualTo(2);
    assertThat(s.pairs()).doesNotContain("a=a");
  }

  @Test
  void cutBodiesCompleteAndCutHeadsDoNot() {
    w.openServer().recv(Wire.bytes("Qa 9\n123456789"), 7).send(Wire.bytes("Ra 5\n12345"), 5);
    assertThat(s.pairs()).containsExactly("a=a");
    w.recv(Wire.bytes("Qbbbbbbbb 0\n"), 4).send("Rb 0\n").recv("Qc 0\n").send("Rc 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "c=c");
    assertThat(s.count(Counters.BYTES_CUT)).isEqualTo(7 + 5 + 8);
    assertThat(s.capture.counters().get(Counters.RESYNCS, Counters.CUT)).isEqualTo(1);
  }

  @Test
  void aLostResponseCostsItsExchangeAndTheNext() {
    w.openServer().recv("Qa 0\n").lose(Record.SEND, 5).recv("Qb 0\n").send("Rb 0\n").recv("Qc 0\n").send("Rc 0\n");
    assertThat(s.pairs()).containsExactly("c=c");
    assertThat(s.incomplete(Counters.RECORD_LOST)).isEqualTo(1);
    assertThat(s.incomplete(Counters.UNSYNCHRONISED)).isEqualTo(1);
    assertThat(s.count(Counters.RECORDS_LOST)).isEqualTo(1);
    assertThat(s.count(Counters.BYTES_LOST)).isEqualTo(5);
    assertThat(s.count(Counters.RESPONSES_UNMATCHED)).isZero();
  }

  @Test
  void aLostRequestIsNotReplacedByTheNext() {
    w.openServer().recv("Qa 0\n").send("Ra 0\n");
    w.lose(Record.RECV, 5).send("Rb 0\n").recv("Qc 0\n").send("Rc 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "c=c");
    assertThat(s.count(Counters.BYTES_LOST)).isEqualTo(5);
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void whatIsLostBeforeTheFirstRecordOfAConnectionIsCountedAndNothingIsPairedAcross() {
    w.openServer();
    w.seq += 3;
    w.recv("Qa 0\n").send("Ra 0\n"); // perhaps the answer to a request that was lost
    w.recv("Qb 0\n").send("Rb 0\n");
    assertThat(s.count(Counters.RECORDS_LOST)).isEqualTo(3);
    assertThat(s.pairs()).containsExactly("b=b");
    assertThat(s.incomplete(Counters.UNSYNCHRONISED)).isEqualTo(1);
  }

  @Test
  void bytesWithoutARecordAreALossToo() {
    w.openServer().recv("Qa 0\n").unseen(Record.SEND, 5).recv("Qb 0\n").send("Rb 0\n").recv("Qc 0\n").send("Rc 0\n");
    assertThat(s.pairs()).containsExactly("c=c");
    assertThat(s.incomplete(Counters.BYTES_MISSING)).isEqualTo(2);
    assertThat(s.count(Counters.RECORDS_LOST)).isZero();
  }

  @Test
  void aPipelinedConnectionIsPairedAgainOnlyAfterSilence() {
    w.openServer().recv("Qa 0\nQb 0\n").send("Ra 0\n").lose(Record.SEND, 5);
    w.recv("Qc 0\n").send("Rb 0\n").recv("Qd 0\n").send("Rc 0\n").send("Rd 0\n").recv("Qe 0\n").send("Re 0\n");
    assertThat(s.pairs()).containsExactly("a=a");
    assertThat(s.incomplete(Counters.UNSYNCHRONISED)).isEqualTo(3);
    w.later(2_000_000_000L).recv("Qf 0\nQg 0\n").send("Rf 0\n").send("Rg 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "f=f", "g=g");
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void midStreamAttachStartsAtTheNextRequest() {
    w.openServer().send("rest of a body").send("R0 0\n").recv("Qa 0\n").send("Ra 0\n");
    assertThat(s.pairs()).containsExactly("a=a");
    assertThat(s.count(Counters.RESPONSES_UNMATCHED)).isZero();
    w.send("Rx 0\n").recv("Qb 0\n").send("Rb 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "b=b");
    assertThat(s.count(Counters.RESPONSES_UNMATCHED)).isEqualTo(1);
  }

  @Test
  void aResponseRecordedBeforeItsRequestWaitsForIt() {
    w.openClient().send("Qa 0\n").recv("Ra 0\n");
    w.lateSend(Wire.bytes("Qb 0\n"), () -> w.recv("Rb 0\n"));
    w.send("Qc 0\n").recv("Rc 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "b=b", "c=c");
    assertThat(s.sink.spans.get(1).end()).isEqualTo(s.sink.spans.get(1).start());
    assertThat(s.count(Counters.RESPONSES_HELD)).isEqualTo(1);
    assertThat(s.count(Counters.RECORDS_LOST)).isZero();
  }

  @Test
  void aResponseRecordedBeforeItsRequestWaitsForTheNextDrain() {
    w.openClient().send("Qa 0\n").recv("Ra 0\n");
    w.lateSend(Wire.bytes("Qb 0\n"), () -> {
      w.recv("Rb 0\n");
      s.capture.drained(1);
    });
    assertThat(s.pairs()).containsExactly("a=a", "b=b");
  }

  @Test
  void theFirstExchangeMayBeRecordedBackwards() {
    w.openClient().lateSend(Wire.bytes("Qa 0\n"), () -> w.recv("Ra 0\n")).send("Qb 0\n").recv("Rb 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "b=b");
  }

  @Test
  void aRequestRecordedAfterItsLostResponseIsNotPairedWithTheNext() {
    w.openClient().send("Qa 0\n").recv("Ra 0\n");
    w.lateSend(Wire.bytes("Qb 0\n"), () -> w.lose(Record.RECV, 5));
    w.send("Qc 0\n").recv("Rc 0\n").send("Qd 0\n").recv("Rd 0\n");
    assertThat(s.pairs()).doesNotContain("b=c", "c=d").contains("a=a");
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void aRecordThatComesAfterItsSuccessorIsCounted() {
    w.openServer().recv("Qa 0\n").send("Ra 0\n");
    w.seq++;
    w.recv("Qb 0\n");
    w.seq -= 2;
    w.send("Rb 0\n");
    assertThat(s.count(Counters.RECORDS_LOST)).isEqualTo(1);
    assertThat(s.count(Counters.RECORDS_REORDERED)).isEqualTo(1);
  }

  @Test
  void aResponseWhoseRequestNeverComesIsCountedAfterTheNextDrain() {
    w.openClient().send("Qa 0\n").recv("Ra 0\n").unseen(Record.SEND, 5).recv("Rb 0\n");
    s.capture.drained(1);
    assertThat(s.count(Counters.RESPONSES_UNMATCHED)).isZero();
    s.capture.drained(2);
    assertThat(s.count(Counters.RESPONSES_UNMATCHED)).isEqualTo(1);
    w.recv("Rx 0\n");
    assertThat(s.count(Counters.RESPONSES_UNMATCHED)).as("not held twice for the same bytes").isEqualTo(2);
  }

  @Test
  void closingEndsWhatIsOpen() {
    w.openServer().recv("Qa 0\nQb 0\n").send("Ra 0\n").close();
    assertThat(s.pairs()).containsExactly("a=a");
    assertThat(s.incomplete(Counters.CONNECTION_CLOSED)).isEqualTo(1);
    s.capture.drained(0);
    assertThat(s.count(Counters.CONNECTIONS_OPEN)).isZero();
    assertThat(s.count(Counters.STREAM_BYTES)).isZero();
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void closingTheCaptureEndsAll() {
    w.openServer().recv("Qa 0\n");
    new Wire(8, s.capture).openServer().recv("Qb 0\nQc");
    s.capture.close();
    assertThat(s.incomplete(Counters.STOPPED)).isEqualTo(2);
    assertThat(s.count(Counters.STREAM_BYTES)).isZero();
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void aThrowingDecoderIsContained() {
    w.openServer().recv("Qa 0\n").recv("! 0\n").send("Ra 0\n").recv("Qb 0\n").send("Rb 0\n");
    assertThat(s.pairs()).isEmpty();
    assertThat(s.capture.counters().get(Counters.DECODER_FAILURES, "lines")).isEqualTo(1);
    assertThat(s.incomplete(Counters.DECODER_FAILED)).isEqualTo(1);
    new Wire(8, s.capture).openServer().recv("Qc 0\n").send("Rc 0\n");
    assertThat(s.pairs()).containsExactly("c=c");
  }

  @Test
  void aConnectionMayLeaveItsProtocol() {
    w.openServer().recv("Qa 0\n").send("Ra 0\n").recv("X 0\n").recv("Qb 0\n").send("Rb 0\n");
    assertThat(s.pairs()).containsExactly("a=a");
    assertThat(s.capture.counters().get(Counters.CONNECTIONS_LEFT, "asked")).isEqualTo(1);
  }

  @Test
  void aReplacedProtocolGoesOnFromTheUnreadBytes() {
    w.openServer().recv("Qa 0\n").send("Ra 0\n").recv("Qb");
    var done = s.capture.protocols(List.of(new NamedProtocol("lines", new Lines()))).toCompletableFuture();
    assertThat(done).isNotDone();
    s.capture.drained(0);
    assertThat(done).isDone();
    w.recv(" 0\n").send("Rb 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "b=b");
    assertThat(s.count(Counters.EXCHANGES_INCOMPLETE)).isZero();
  }

  @Test
  void whatIsOpenWhenAProtocolIsReplacedEndsCounted() {
    w.openServer().recv("Qa 0\n");
    s.capture.protocols(List.of(new NamedProtocol("lines", new Lines())));
    w.send("Ra 0\n").recv("Qb 0\n").send("Rb 0\n");
    assertThat(s.pairs()).containsExactly("b=b");
    assertThat(s.incomplete(Counters.PROTOCOL_REPLACED)).isEqualTo(1);
    assertThat(s.count(Counters.RESPONSES_UNMATCHED)).isZero();
  }

  @Test
  void aRemovedProtocolMayComeBack() {
    w.openServer().recv("Qa 0\n");
    s.capture.protocols(List.of());
    w.send("Ra 0\n").recv("Qb 0\n").send("Rb 0\n");
    assertThat(s.pairs()).isEmpty();
    s.capture.protocols(List.of(new NamedProtocol("lines", new Lines())));
    w.recv("Qc 0\n").send("Rc 0\n");
    assertThat(s.pairs()).containsExactly("c=c");
    assertThat(s.incomplete(Counters.PROTOCOL_REPLACED)).isEqualTo(1);
  }

  @Test
  void aHalfClosedClientIsStillAnswered() {
    w.openServer().recv("Qa 0\n").eof().send("Ra 0\n").close();
    assertThat(s.pairs()).containsExactly("a=a");
    assertThat(s.count(Counters.RESYNCS)).isZero();
  }

  @Test
  void theFinMayBeCountedWithTheLastBytes() {
    w.openServer().rx++;
    w.recv("Qa 0\n");
    w.rx++;
    w.recv("Qb 0\n");
    w.rx--;
    w.eof().send("Ra 0\n").send("Rb 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "b=b");
  }

  @Test
  void withoutAnOpenRecordTheProcessIsFoundByItsThread() {
    w.recv("Qa 0\n").send("Ra 0\n");
    assertThat(s.sink.spans).singleElement().satisfies(span -> {
      assertThat(span.process().tgid()).isEqualTo(4711);
      assertThat(span.attributes()).doesNotContainKey("server.address");
    });
  }

  @Test
  void recordsWithoutPositionsArePairedByTheirSequence() {
    w.positions = false;
    w.openServer().recv("Qa 0\n").send("Ra 0\n").recv("Qb 0\n").lose(Record.SEND, 5).recv("Qc 0\n").send("Rc 0\n");
    w.recv("Qd 0\n").send("Rd 0\n");
    assertThat(s.pairs()).as("what was lost is unknown").containsExactly("a=a", "d=d");
  }
}
