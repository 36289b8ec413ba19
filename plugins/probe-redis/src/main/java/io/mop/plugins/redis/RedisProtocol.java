package io.mop.plugins.redis;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Masker;
import io.mop.api.capture.Measure;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import io.mop.api.plugin.Context.Counter;
import java.util.Optional;

/** Recognises Redis by a whole command that fits its table, or by what only a Redis server says. */
record RedisProtocol(Counter pushed, Counter malformed) implements Protocol {
  @Override
  public Optional<Measure> measure(boolean server) {
    return Optional.of(Measure.database(server));
  }

  @Override
  public Guess sniff(Stream in, Direction direction) {
    return direction == Direction.REQUEST ? MessageStart.command(in) : MessageStart.serverSaid(in);
  }

  @Override
  public Decoder open(Exchanges out) {
    return new RedisDecoder(this, out);
  }

  @Override
  public Optional<Masker> masker() {
    return Optional.of(new RedisMasker());
  }
}
