package io.mop.capture;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Exchanges.Exchange;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;

/**
 * A protocol for tests: {@code Q<name> <bytes>\n} and a body, answered in order by {@code R<name> <bytes>\n} and a
 * body. A span tells both names, so that a wrong pair shows. {@code X} asks to leave, {@code !} makes the decoder
 * throw.
 */
record Lines() implements Protocol {
  @Override
  public Guess sniff(Stream in, Direction direction) {
    try {
      return in.at(0) == (direction == Direction.REQUEST ? 'Q' : 'R') ? Guess.YES : Guess.NO;
    } catch (Stream.Gap e) {
      return Guess.NO;
    }
  }

  @Override
  public Decoder open(Exchanges out) {
    return new LineDecoder(out);
  }

  private static final class LineDecoder implements Decoder {
    private final Exchanges out;
    private final long[] body = new long[2];
    private Exchange answering;

    LineDecoder(Exchanges out) {
      this.out = out;
    }

    @Override
    public void decode(Direction direction, Stream in) throws Stream.Gap {
      int d = direction.ordinal();
      while (in.length() > 0) {
        if (body[d] > 0) {
          int n = (int) Math.min(body[d], in.length());
          long time = in.time(n - 1);
          in.skip(n);
          body[d] -= n;
          if (body[d] > 0) return;
          if (direction == Direction.RESPONSE) answering.complete(time);
          continue;
        }
        int lf = in.find((byte) '\n', 0, in.length());
        if (lf < 0) return;
        String[] words = in.text(1, lf).toString().split(" ");
        byte first = in.at(0);
        long time = in.time(0);
        long last = in.time(lf);
        in.skip(lf + 1);
        if (first == '!') throw new IllegalStateException("as asked");
        if (first == 'X') {
          out.leave("asked");
          return;
        }
        if (first != (direction == Direction.REQUEST ? 'Q' : 'R')) throw Stream.Gap.GAP;
        body[d] = Integer.parseInt(words[1]);
        if (direction == Direction.REQUEST) {
          out.request(Exchanges.NEXT, time).set("q", io.mop.api.data.Text.of(words[0]));
        } else {
          answering = out.response(Exchanges.NEXT).set("r", io.mop.api.data.Text.of(words[0]));
          if (body[d] == 0) answering.complete(last);
        }
      }
    }

    @Override
    public boolean resync(Direction direction, Stream in) {
      body[direction.ordinal()] = 0;
      if (in.length() == 0) return false;
      try {
        if (in.at(0) == (direction == Direction.REQUEST ? 'Q' : 'R')) return true;
      } catch (Stream.Gap e) {
        // consumed below
      }
      in.skip(in.length());
      return false;
    }
  }
}
