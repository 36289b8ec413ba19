package io.mop.plugins.postgresql;

import io.mop.api.capture.Protocol;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Size;
import org.osgi.service.component.annotations.Component;

/** PostgreSQL's frontend/backend protocol as seen on the wire. */
@Component
@Provides(kind = Kind.PROTOCOL, name = "postgresql")
public final class PostgresqlProbe implements Plugin<PostgresqlProbe.Config> {
  /** {@code protocols.postgresql} of mop.yaml. */
  public record Config(
      @Key(doc = "Whether spans have the statement, without literals: db.query.text.", value = "true")
          boolean queryText,
      @Key(
              doc = "Prepared statements of one connection that are kept; the one used longest ago gives way.",
              value = "256",
              min = 1,
              max = 65536)
          int preparedStatements,
      @Key(
              doc = "Memory for the prepared statements of one connection, and as much for its portals.",
              value = "64KiB",
              min = 4096,
              max = 16777216)
          Size preparedBytes) {}

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Protocol create(Config config, Context context) {
    return new PostgresqlProtocol(
        config.preparedStatements(),
        (int) config.preparedBytes().bytes(),
        config.queryText(),
        context.counter("unknown_statements", "1", "Executions of statements whose preparation was not seen."),
        context.counter("unreadable_statements", "1", "Statements whose text could not be told from its literals."),
        context.counter("malformed_messages", "1", "PostgreSQL messages that could not be followed."));
  }
}
