package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The kernel is told how much of a connection is wanted as soon as it is known, and of any change. */
class PolicyTest {
  private final Setup s = new Setup();
  private final Wire w = new Wire(7, s.capture);
  private final List<String> told = new ArrayList<>();

  PolicyTest() {
    s.capture.policies((conn, policy, framedBy) -> told.add(conn + " " + policy));
  }

  /** Lines that are content with heads. */
  private record Heads(Protocol lines) implements Protocol {
    @Override
    public Guess sniff(Stream in, Direction direction) {
      return lines.sniff(in, direction);
    }

    @Override
    public Decoder open(Exchanges out) {
      return lines.open(out);
    }

    @Override
    public Window window() {
      return Window.HEADS;
    }
  }

  private void heads() {
    s.capture.protocols(List.of(new NamedProtocol("lines", new Heads(new Lines()))));
  }

  @Test
  void ofAProtocolThatNeedsAllNothingIsTold() {
    w.openServer().recv("Qa 0\n").send("Ra 0\n").close();
    assertThat(s.pairs()).containsExactly("a=a");
    assertThat(told).isEmpty();
  }

  @Test
  void headsDependOnWhoAsks() {
    heads();
    w.openServer().recv("Qa 0\n").send("Ra 0\n").recv("Qb 0\n").send("Rb 0\n");
    new Wire(8, s.capture).openClient().send("Qc 0\n").recv("Rc 0\n");
    assertThat(told).containsExactly("7 HEADS_OF_SERVER", "8 HEADS_OF_CLIENT");
    assertThat(s.pairs()).containsExactly("a=a", "b=b", "c=c");
  }

  @Test
  void aCutBodyIsSkippedAndACutHeadWidens() {
    heads();
    w.openServer().recv("Qa 0\n").send(Wire.bytes("Ra 9\n123456789"), 6);
    assertThat(told).containsExactly("7 HEADS_OF_SERVER");
    w.recv(Wire.bytes("Qbbbbb 0\n"), 4).send("Rb 0\n").recv("Qc 0\n").send("Rc 0\n");
    assertThat(told).containsExactly("7 HEADS_OF_SERVER", "7 FULL");
    assertThat(s.pairs()).containsExactly("a=a", "c=c");
  }

  @Test
  void whatNobodyReadsNeedsNoPayload() {
    w.openServer().recv("Qa 0\n").send("Ra 0\n").recv("X\n").recv("anything");
    assertThat(told).containsExactly("7 HEADER_ONLY");
  }

  @Test
  void anUndecidedConnectionIsSeenWhole() {
    heads();
    w.openServer().recv("Qa 0\n").send("Ra 0\n");
    s.capture.protocols(List.of());
    s.capture.drained(0);
    assertThat(told).containsExactly("7 HEADS_OF_SERVER", "7 FULL");
  }

  @Test
  void aDecoderThatFailsLeavesItUndecided() {
    heads();
    w.openServer().recv("Qa 0\n").send("Ra 0\n").recv("! 0\n");
    assertThat(told).containsExactly("7 HEADS_OF_SERVER", "7 FULL");
  }
}
