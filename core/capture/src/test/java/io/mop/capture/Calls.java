package io.mop.capture;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Measure;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import io.mop.api.data.Text;
import java.util.List;
import java.util.Optional;

/**
 * A protocol for tests: {@code Q<method> <path> <trace> <span>\n}, 0 0 for no trace context, answered by {@code R\n}.
 */
record Calls() implements Protocol {
  private static final List<String> ATTRIBUTES =
      List.of("http.request.method", "url.path", "no.such", "error.type", "server.address", "server.port");
  private static final Measure SERVER = new Measure("server.duration", ATTRIBUTES, List.of(0.001, 0.01, 1.0));
  private static final Measure CLIENT = new Measure("client.duration", ATTRIBUTES, List.of(0.001, 0.01, 1.0));

  @Override
  public Guess sniff(Stream in, Direction direction) {
    try {
      return in.at(0) == start(direction) ? Guess.YES : Guess.NO;
    } catch (Stream.Gap e) {
      return Guess.NO;
    }
  }

  private static char start(Direction direction) {
    return direction == Direction.REQUEST ? 'Q' : 'R';
  }

  @Override
  public Optional<Measure> measure(boolean server) {
    return Optional.of(server ? SERVER : CLIENT);
  }

  @Override
  public Decoder open(Exchanges out) {
    return new Decoder() {
      @Override
      public void decode(Direction direction, Stream in) throws Stream.Gap {
        while (in.length() > 0) {
          if (in.at(0) != start(direction)) throw Stream.Gap.GAP;
          int lf = in.find((byte) '\n', 0, in.length());
          if (lf < 0) return;
          String[] words = in.text(1, lf).toString().split(" ");
          if (words.length != (direction == Direction.REQUEST ? 4 : 1)) throw Stream.Gap.GAP;
          long time = in.time(lf);
          in.skip(lf + 1);
          if (direction == Direction.RESPONSE) out.response(Exchanges.NEXT).complete(time);
          else request(out.request(Exchanges.NEXT, time), words);
        }
      }

      @Override
      public boolean resync(Direction direction, Stream in) {
        if (in.length() == 0) return false;
        boolean found = sniff(in, direction) == Guess.YES;
        if (!found) in.skip(in.length());
        return found;
      }
    };
  }

  private static void request(Exchanges.Exchange x, String[] words) {
    x.set("http.request.method", Text.of(words[0])).set("url.path", Text.of(words[1]));
    x.parent(0, Long.parseLong(words[2]), Long.parseLong(words[3]));
  }
}
