package io.mop.plugins.postgresql;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Protocol.Guess;
import io.mop.api.capture.Stream;

/** Finds the statements of one connection. */
final class PostgresqlDecoder implements Decoder {
  private final Session session;
  private final Requests requests;
  private final Responses responses;

  PostgresqlDecoder(PostgresqlProtocol config, Exchanges out) {
    session = new Session(config, out);
    requests = new Requests(session);
    responses = new Responses(session);
  }

  @Override
  public void decode(Direction direction, Stream in) throws Stream.Gap {
    (direction == Direction.REQUEST ? requests : responses).read(in);
  }

  /** Sure are only messages at the start of what was read or written at once: rows and parameters may hold anything. */
  @Override
  public boolean resync(Direction direction, Stream in) {
    if (direction == Direction.REQUEST) {
      session.reset();
      requests.reset();
    } else {
      responses.reset();
      if (in.length() > 0 && session.atStart) return true;
    }
    Guess guess = in.length() == 0 ? Guess.MAYBE : Message.guess(in, direction);
    if (guess == Guess.NO) in.skip(in.length());
    return guess == Guess.YES;
  }

  @Override
  public void end(Direction direction, long time) {
    if (direction == Direction.RESPONSE) responses.end(time);
  }
}
