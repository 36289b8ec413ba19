package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Exchanges.Exchange;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import io.mop.api.data.Text;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One side has said all, the other goes on. */
class HalfCloseTest {
  private final Setup s = new Setup();
  private final Wire w = new Wire(7, s.capture);

  /** A request is a {@code q}; its response is all that comes until the close. */
  private record UntilClose() implements Protocol {
    @Override
    public Guess sniff(Stream in, Direction direction) {
      try {
        return direction == Direction.REQUEST && in.at(0) == 'q' ? Guess.YES : Guess.NO;
      } catch (Stream.Gap e) {
        return Guess.NO;
      }
    }

    @Override
    public Decoder open(Exchanges out) {
      return new Decoder() {
        private long bytes;

        @Override
        public void decode(Direction direction, Stream in) {
          if (direction == Direction.REQUEST) out.request(Exchanges.NEXT, in.time(0)).name(Text.of("q"));
          else bytes += in.length();
          in.skip(in.length());
        }

        @Override
        public boolean resync(Direction direction, Stream in) {
          bytes = 0;
          return in.length() > 0;
        }

        @Override
        public void end(Direction direction, long time) {
          if (direction == Direction.REQUEST) return;
          Exchange e = out.response(Exchanges.NEXT);
          e.set("bytes", bytes).complete(time);
        }
      };
    }
  }

  private void untilClose() {
    s.capture.protocols(List.of(new NamedProtocol("close", new UntilClose())));
  }

  @Test
  void aServerAnswersAClientThatHasClosedItsSide() {
    w.openServer().recv("Qa 0\nQb 3\nxxx").eof().send("Ra 0\n").later(5_000_000_000L);
    w.send("Rb 4\nxx").send("xx").close();
    assertThat(s.pairs()).containsExactly("a=a", "b=b");
    assertThat(s.count(Counters.EXCHANGES_INCOMPLETE)).isZero();
    assertThat(s.count(Counters.RESYNCS)).isZero();
  }

  @Test
  void aRequestCutOffByTheEndOfItsSideIsNotWaitedFor() {
    w.openServer().recv("Qa 0\nQb 9\nxx").eof().send("Ra 0\n").close();
    assertThat(s.pairs()).containsExactly("a=a");
    assertThat(s.incomplete(Counters.CONNECTION_CLOSED)).isEqualTo(1);
    assertThat(s.balanced()).isTrue();
  }

  /** Its own FIN is one byte of the sent position, and in no record. */
  @Test
  void aClientThatHasClosedItsSideReadsItsAnswers() {
    w.openClient().send("Qa 0\n").recv("Ra 0\n").send("Qb 0\n");
    w.tx++;
    w.recv("Rb 3\nx").recv("xx").eof().close();
    assertThat(s.pairs()).containsExactly("a=a", "b=b");
    assertThat(s.count(Counters.RESYNCS)).isZero();
    assertThat(s.count(Counters.BYTES_LOST)).isZero();
  }

  @Test
  void aResponseUntilCloseEndsWithTheEndOfTheServersSide() {
    untilClose();
    w.openClient().send("q").recv("some").recv("thing").eof();
    assertThat(s.sink.spans).singleElement().satisfies(x -> assertThat(x.get("bytes")).isEqualTo(9L));
    w.close();
    assertThat(s.sink.spans).as("ends once").hasSize(1);
  }

  @Test
  void aResponseUntilCloseEndsAtItsServerWithTheConnection() {
    untilClose();
    w.openServer().recv("q").eof().send("some").send("thing");
    assertThat(s.sink.spans).as("the end of the client's side is not that of the response").isEmpty();
    w.close();
    assertThat(s.sink.spans).singleElement().satisfies(x -> assertThat(x.get("bytes")).isEqualTo(9L));
  }

  @Test
  void anEndThatIsRecordedBeforeARequestWaitsWithItsResponse() {
    w.openClient().send("Qa 0\n").recv("Ra 0\n").lateSend(Wire.bytes("Qb 0\n"), () -> w.recv("Rb 0\n").eof()).close();
    assertThat(s.pairs()).containsExactly("a=a", "b=b");
    assertThat(s.count(Counters.RESPONSES_HELD)).isEqualTo(1);
    assertThat(s.count(Counters.RESYNCS)).isZero();
  }
}
