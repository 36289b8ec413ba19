package @package@;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Exchanges.Exchange;
import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Protocol.Guess;
import io.mop.api.capture.Stream;
import io.mop.api.data.Text;

/** Finds the messages of one connection; the core buffers, pairs and times them. */
final class LineDecoder implements Decoder {
  private final LineProtocol protocol;
  private final Exchanges out;

  LineDecoder(LineProtocol protocol, Exchanges out) {
    this.protocol = protocol;
    this.out = out;
  }

  @Override
  public void decode(Direction direction, Stream in) throws Stream.Gap {
    while (in.length() > 0) {
      int end = in.find((byte) '\n', 0, protocol.maxLine());
      if (end < 0) {
        if (in.length() < protocol.maxLine()) return; // called again with more
        protocol.oversized().add(1);
        throw Stream.Gap.GAP; // resync finds the next message
      }
      String line = in.text(0, end).toString().stripTrailing();
      if (!LineProtocol.known(LineProtocol.firstWord(line), direction)) {
        protocol.malformed().add(1);
        throw Stream.Gap.GAP;
      }
      if (direction == Direction.REQUEST) request(line, in.time(0));
      else response(line, end + 1, in.time(end));
      in.skip(end + 1);
    }
  }

  private void request(String line, long time) {
    String[] words = line.split(" ", 3);
    Text operation = Text.of(words[0]);
    Exchange exchange = out.request(Exchanges.NEXT, time).name(operation).set("@name@.operation", operation);
    if (words.length > 1) exchange.set("@name@.key", Text.of(words[1]));
  }

  private void response(String line, int bytes, long time) {
    // Pipelined requests are answered in order: a protocol with ids gives them here and to request().
    Exchange exchange = out.response(Exchanges.NEXT).set("@name@.response.size", bytes);
    String[] words = line.split(" ", 3);
    if (words[0].equals("ERR")) exchange.error(words.length > 1 ? words[1] : "_OTHER");
    exchange.complete(time);
  }

  /** Sure is only a line at the start of what was read or written at once: a value may hold anything. */
  @Override
  public boolean resync(Direction direction, Stream in) {
    Guess guess = in.length() == 0 ? Guess.MAYBE : protocol.guess(in, direction);
    if (guess == Guess.NO) in.skip(in.length());
    return guess == Guess.YES;
  }
}
