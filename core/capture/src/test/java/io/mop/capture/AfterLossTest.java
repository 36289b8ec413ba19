package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Where pairing goes on after a loss, and where it must not. */
class AfterLossTest {
  private final Setup s = new Setup();
  private final Wire w = new Wire(7, s.capture);

  /** A request whose response is seen, then the same of which {@code body} is lost and {@code rest} is not. */
  private void loseInTheBody(int body, String rest) {
    w.openServer().recv("Qa 0\n").send("Ra 0\n");
    w.recv("Qb " + (body + rest.length()) + "\n").lose(Record.RECV, body).recv(rest).send("Rb 0\n");
  }

  @Test
  void theRestOfABodyThatLooksLikeARequestIsNotReadOnWithTheNext() {
    loseInTheBody(10, "Qx");
    w.recv("Qc 0\n").send("Rc 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "c=c");
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void aRestThatIsAWholeRequestIsNotPaired() {
    loseInTheBody(10, "Qx 0\n");
    w.recv("Qc 0\n").send("Rc 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "c=c");
    assertThat(s.incomplete(Counters.UNSYNCHRONISED)).isEqualTo(1);
  }

  @Test
  void aRestThatLooksLikeTheHeadOfALongBodyDoesNotSwallowTheNextRequest() {
    loseInTheBody(10, "Qx 4\n");
    w.recv("Qc 0\n").send("Rc 0\n").recv("Qd 0\n").send("Rd 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "c=c", "d=d");
  }

  @Test
  void aRequestIsNotBelievedToBeginAfterACutOne() {
    w.openServer().recv("Qa 0\n").lose(Record.RECV, 5).send("Rb 0\n");
    w.recv(Wire.bytes("Qc"), 0).recv("Q 0\n").send("Rc 0\n").recv("Qd 0\n").send("Rd 0\n");
    assertThat(s.pairs()).containsExactly("d=d");
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void theBodyAfterALostInterimResponseIsNoRequest() {
    w.openServer().recv("Qa 0\n").send("Ra 0\n").recv("Qb 5\n").lose(Record.SEND, 9).recv("Qx 0\n").send("Rb 0\n");
    w.recv("Qc 0\n").send("Rc 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "c=c");
  }

  @Test
  void aRequestInTwoPiecesIsPairedAgain() {
    w.openServer().recv("Qa 0\n").lose(Record.RECV, 5).send("Rb 0\n").recv("Q").recv("c 0\n").send("Rc 0\n");
    assertThat(s.pairs()).containsExactly("c=c");
  }

  @Test
  void aResponseLostInItsBodyCostsItsExchangeOnly() {
    w.openServer().recv("Qa 0\n").send("Ra 9\nxxx").lose(Record.SEND, 3).send("xxx");
    w.recv("Qb 0\n").send("Rb 0\n");
    assertThat(s.pairs()).containsExactly("b=b");
    assertThat(s.incomplete(Counters.RECORD_LOST)).isEqualTo(1);
  }

  @Test
  void aRestThatLooksLikeALongResponseDoesNotSwallowTheNext() {
    w.openServer().recv("Qa 0\n").send("Ra 19\nxxx").lose(Record.SEND, 8).send("Rx 9999\n");
    for (String name : "bcd".split("")) w.recv("Q" + name + " 0\n").send("R" + name + " 0\n");
    assertThat(s.pairs()).containsExactly("c=c", "d=d");
  }

  @Test
  void responsesOfAPipelineAreNotMovedByALossBeforeItsProtocolIsKnown() {
    w.openServer().recv("?").lose(Record.RECV, 5).recv("Qb 0\n").send("Ra 0\n").send("Rb 0\n");
    w.recv("Qc 0\n").send("Rc 0\n");
    assertThat(s.pairs()).containsExactly("c=c");
  }

  @Test
  void aResponseThatCannotBeReadDoesNotMakeAPipeline() {
    w.openServer().recv("Qa 0\n").lose(Record.SEND, 5).recv("Qb 0\n").send(Wire.bytes("Rb 0\n"), 0);
    w.recv("Qc 0\n").send("Rc 0\n").recv("Qd 0\n").send("Rd 0\n");
    assertThat(s.pairs()).containsExactly("d=d");
  }

  @Test
  void aRequestBeforeTheEndOfAResponseMakesAPipeline() {
    w.openServer().recv("Qa 0\n").lose(Record.SEND, 5).recv("Qb 0\n").send("R_ 5\nxx").recv("Qc 0\n").send("xxx");
    w.send("Rb 0\n").recv("Qd 0\n").send("Rc 0\n").send("Rd 0\n");
    assertThat(s.pairs()).isEmpty();
  }

  @Test
  void aSlowResponseIsNotTakenForSilence() {
    w.openServer().recv("Qa 0\nQb 0\n").send("Ra 0\n").lose(Record.SEND, 5).recv("Qc 0\n");
    w.later(2_000_000_000L).recv("Qd 0\n").send("Rc 0\n").send("Rd 0\n");
    assertThat(s.pairs()).containsExactly("a=a");
    w.later(2_000_000_000L).recv("Qe 0\n").send("Re 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "e=e");
  }
}
