package io.mop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Masker;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import io.mop.capture.Recording;
import io.mop.testkit.Replay.Way;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A decoder that is wrong fails a replay, and a masker that is wrong its harness. */
class ReplayCheckTest {
  private static final Conversation CONVERSATION = Conversation.empty()
      .request("?one MARK1\n").response("!one MARK2\n").request("?two MARK3\n?three MARK4\n").response("!two MARK5\n")
      .response("!three MARK6\n");

  @TempDir Path directory;

  private enum Fault {
    NONE,
    /** What came in one call is taken for a line. */
    NO_LINES,
    NAMELESS,
    THROWS,
    LEAVES_VALUES,
    TELLS_LATE,
    FORGETS,
    BREAKS_LINES
  }

  /** {@code ?NAME value} is answered by {@code !NAME value}, in order. */
  private record Lines(Fault fault) implements Protocol {
    @Override
    public Guess sniff(Stream in, Direction direction) {
      try {
        return starts(in, direction) ? Guess.YES : Guess.NO;
      } catch (Stream.Gap e) {
        return Guess.NO;
      }
    }

    static boolean starts(Stream in, Direction direction) throws Stream.Gap {
      return in.length() > 0 && in.at(0) == (direction == Direction.REQUEST ? '?' : '!');
    }

    @Override
    public Decoder open(Exchanges out) {
      return new LineDecoder(fault, out);
    }

    @Override
    public Optional<Masker> masker() {
      return Optional.of((direction, in, out) -> {
        for (int lf; (lf = in.find((byte) '\n', 0, in.length())) >= 0; ) {
          int blank = in.find((byte) ' ', 0, lf);
          int from = fault == Fault.LEAVES_VALUES ? blank + 3 : blank + 1;
          if (fault == Fault.TELLS_LATE) in.skip(blank + 1);
          else if (fault == Fault.FORGETS && in.at(1) == 't') return;
          else out.mask(from, fault == Fault.BREAKS_LINES ? lf + 1 : lf, 'x');
          in.skip(fault == Fault.TELLS_LATE ? lf - blank : lf + 1);
        }
      });
    }
  }

  private record LineDecoder(Fault fault, Exchanges out) implements Decoder {
    @Override
    public void decode(Protocol.Direction direction, Stream in) throws Stream.Gap {
      while (in.length() > 0) {
        int lf = in.find((byte) '\n', 0, in.length());
        if (lf < 0 && fault != Fault.NO_LINES) return;
        if (lf < 0) lf = in.length() - 1;
        if (!Lines.starts(in, direction)) throw Stream.Gap.GAP;
        if (fault == Fault.THROWS) throw new IllegalStateException("as asked");
        int blank = in.find((byte) ' ', 0, lf);
        long time = in.time(lf);
        if (direction == Protocol.Direction.RESPONSE) out.response(Exchanges.NEXT).complete(time);
        else if (fault == Fault.NAMELESS) out.request(Exchanges.NEXT, in.time(0));
        else out.request(Exchanges.NEXT, in.time(0)).name(in.text(1, Math.max(1, blank < 0 ? lf : blank)));
        in.skip(lf + 1);
      }
    }

    @Override
    public boolean resync(Protocol.Direction direction, Stream in) {
      try {
        if (in.length() == 0) return false;
        if (Lines.starts(in, direction)) return true;
      } catch (Stream.Gap e) {
        // Not at a start.
      }
      in.skip(in.length());
      return false;
    }
  }

  private Replay replay(Way way) throws IOException {
    Path file = directory.resolve("a.moprec");
    TestConnection connection = TestConnection.atServer(new Lines(Fault.NONE)).record(file, true);
    CONVERSATION.play(connection);
    connection.stop();
    return new Replay(Recording.read(file), new GoldenFile(ReplayCheckTest.class, "lines.yaml"), way);
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aRightDecoderPassesEveryWay(Way way) throws IOException {
    Replay replay = replay(way);
    replay.with(() -> new Lines(Fault.NONE));
    assertThat(replay.played()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void aDecoderThatThrowsFails(Way way) throws IOException {
    Replay replay = replay(way);
    assertThatThrownBy(() -> replay.with(() -> new Lines(Fault.THROWS))).isInstanceOf(AssertionError.class);
  }

  @Test
  void otherSpansFail() throws IOException {
    Replay replay = replay(Way.WHOLE);
    assertThatThrownBy(() -> replay.with(() -> new Lines(Fault.NAMELESS)))
        .isInstanceOf(AssertionError.class).hasMessageStartingWith("as it is: unexpected TestSpan");
  }

  @Test
  void aDecoderThatNeedsWholeCallsFails() throws IOException {
    Replay replay = replay(Way.SPLIT);
    assertThatThrownBy(() -> replay.with(() -> new Lines(Fault.NO_LINES)))
        .isInstanceOf(AssertionError.class).hasMessageStartingWith("byte by byte: ");
  }

  private static MaskerHarness masker(Fault fault) {
    return new MaskerHarness(() -> new Lines(fault), List.of("MARK", "MA"), Set.of());
  }

  @Test
  void aMaskerThatIsRightPasses() {
    assertThat(masker(Fault.NONE).check(CONVERSATION))
        .containsExactly("?one xxxxx\n?two xxxxx\n?three xxxxx\n", "!one xxxxx\n!two xxxxx\n!three xxxxx\n");
  }

  @ParameterizedTest
  @EnumSource(names = {"LEAVES_VALUES", "TELLS_LATE", "FORGETS", "BREAKS_LINES"})
  void aMaskerThatIsWrongFails(Fault fault) {
    assertThatThrownBy(() -> masker(fault).check(CONVERSATION)).isInstanceOf(AssertionError.class);
  }
}
