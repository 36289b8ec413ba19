package io.mop.plugins.redis;

import io.mop.api.capture.Protocol;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import io.mop.api.plugin.Provides.Kind;
import org.osgi.service.component.annotations.Component;

/** Redis, Valkey and others that speak RESP, as seen on the wire. */
@Component
@Provides(kind = Kind.PROTOCOL, name = "redis")
public final class RedisProbe implements Plugin<RedisProbe.Config> {
  /** {@code protocols.redis} of mop.yaml: no keys. */
  public record Config() {}

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Protocol create(Config config, Context context) {
    return new RedisProtocol(
        context.counter("pushed_messages", "1", "Messages that no command asked for: pub/sub, MONITOR, invalidations."),
        context.counter("malformed_messages", "1", "Bytes that are no RESP and could not be followed."));
  }
}
