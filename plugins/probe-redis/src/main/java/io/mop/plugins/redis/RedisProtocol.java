package io.mop.plugins.redis;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Masker;
import io.mop.api.capture.Measure;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import io.mop.api.plugin.Context.Counter;
import java.util.List;
import java.util.Optional;

/** Recognises Redis by a whole command that fits its table, or by what only a Redis server says. */
record RedisProtocol(Counter pushed, Counter malformed) implements Protocol {
  /** OpenTelemetry's semantic conventions, database client metrics; they have none for servers: this is that of OBI. */
  private static final Measure CLIENT = measure("db.client.operation.duration");
  private static final Measure SERVER = measure("db.server.operation.duration");

  private static Measure measure(String name) {
    List<String> attributes =
        List.of(
            "db.system.name",
            "db.namespace",
            "db.operation.name",
            "db.response.status_code",
            "error.type",
            "server.address",
            "server.port");
    return new Measure(name, attributes, List.of(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0));
  }

  @Override
  public Optional<Measure> measure(boolean server) {
    return Optional.of(server ? SERVER : CLIENT);
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
