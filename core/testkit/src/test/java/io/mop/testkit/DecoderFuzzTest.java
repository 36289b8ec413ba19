package io.mop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The fuzzer finds what a decoder may do wrong. */
class DecoderFuzzTest {
  private static final List<Conversation> FIXTURES =
      List.of(
          Conversation.empty().request("?5 first\n").response("!2 ok\n").request("?6 second\n").response("!0\n"),
          Conversation.empty().request("?1 a\n?1 b\n").response("!1 a\n").response("!1 b\n").end());

  private enum Fault {
    NONE,
    THROWS,
    LOOPS,
    KEEPS,
    TRUSTS_LENGTHS,
    SNIFFER_THROWS
  }

  /** {@code ?LENGTH text} is answered by {@code !LENGTH text}, in order. */
  private record Lines(Fault fault) implements Protocol {
    @Override
    public Guess sniff(Stream in, Direction direction) {
      try {
        if (fault == Fault.SNIFFER_THROWS) in.at(in.length());
        return starts(in, direction) ? Guess.YES : Guess.NO;
      } catch (Stream.Gap e) {
        return Guess.NO;
      }
    }

    private static boolean starts(Stream in, Direction direction) throws Stream.Gap {
      return in.at(0) == (direction == Direction.REQUEST ? '?' : '!');
    }

    @Override
    public Decoder open(Exchanges out) {
      return new LineDecoder(fault, out);
    }
  }

  private static final class LineDecoder implements Decoder {
    private final Fault fault;
    private final Exchanges out;
    private final List<byte[]> kept = new ArrayList<>();

    LineDecoder(Fault fault, Exchanges out) {
      this.fault = fault;
      this.out = out;
    }

    @Override
    public void decode(Protocol.Direction direction, Stream in) throws Stream.Gap {
      for (int lf; in.length() > 0 && (lf = in.find((byte) '\n', 0, in.length())) >= 0; ) {
        if (!Lines.starts(in, direction)) throw Stream.Gap.GAP;
        String line = in.text(0, lf).toString();
        if (fault == Fault.THROWS && line.endsWith("k")) line = line.substring(line.indexOf(' '), 2);
        if (fault == Fault.KEEPS) kept.add(new byte[24]);
        if (fault == Fault.TRUSTS_LENGTHS) trust(line);
        if (direction == Protocol.Direction.REQUEST) out.request(Exchanges.NEXT, in.time(0));
        else out.response(Exchanges.NEXT).complete(in.time(lf));
        if (fault != Fault.LOOPS || !line.startsWith("!00")) in.skip(lf + 1);
      }
      if (in.length() > 1024) throw Stream.Gap.GAP;
    }

    private void trust(String line) {
      String length = line.substring(1).replaceAll(" .*", "");
      if (length.matches("[0-9]{1,8}")) kept.add(new byte[Integer.parseInt(length)]);
      kept.clear();
    }

    @Override
    public boolean resync(Protocol.Direction direction, Stream in) {
      try {
        if (in.length() > 0 && Lines.starts(in, direction)) return true;
      } catch (Stream.Gap e) {
        // Not at a start.
      }
      in.skip(in.length());
      return false;
    }
  }

  @BeforeEach
  void fewInputs() {
    System.setProperty("mop.fuzz.inputs", "50000");
  }

  @AfterEach
  void asBefore() {
    System.clearProperty("mop.fuzz.inputs");
  }

  private static DecoderFuzz fuzz(Fault fault) {
    return new DecoderFuzz(() -> new Lines(fault), FIXTURES);
  }

  @Test
  void aDecoderWithoutAFaultPasses() {
    DecoderFuzz.Outcome outcome = fuzz(Fault.NONE).run();
    assertThat(outcome.inputs()).isEqualTo(50_000);
    assertThat(outcome.completed()).isGreaterThan(10_000).isLessThan(outcome.exchanges());
  }

  @Test
  void theSameSeedMakesTheSameInputs() {
    assertThat(fuzz(Fault.NONE).run().exchanges()).isEqualTo(fuzz(Fault.NONE).run().exchanges());
  }

  @Test
  void whatIsThrownFailsWithTheConversation() {
    assertThatThrownBy(fuzz(Fault.THROWS)::run)
        .isInstanceOf(AssertionError.class)
        .hasMessageMatching("(?s)seed 1, input \\d+: the decoder threw java.lang.StringIndexOutOfBounds.*k\\\\n\n.*");
    assertThatThrownBy(fuzz(Fault.SNIFFER_THROWS)::run).hasMessageContaining("IndexOutOfBounds");
  }

  @Test
  void aLoopWithoutEndFails() {
    assertThatThrownBy(fuzz(Fault.LOOPS)::run).hasMessageContaining("endless loop");
  }

  @Test
  void memoryThatGrowsWithTheConnectionFails() {
    assertThatThrownBy(fuzz(Fault.KEEPS)::run).hasMessageContaining("a decoder holds");
    assertThat(fuzz(Fault.KEEPS).mostRetained(1 << 20).run().retained()).isGreaterThan(16 << 10);
  }

  @Test
  void memoryByALengthThatIsNotCheckedFails() {
    assertThatThrownBy(fuzz(Fault.TRUSTS_LENGTHS)::run).hasMessageContaining("allocated");
  }
}
