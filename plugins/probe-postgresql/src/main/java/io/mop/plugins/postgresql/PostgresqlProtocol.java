package io.mop.plugins.postgresql;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Masker;
import io.mop.api.capture.Measure;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import io.mop.api.plugin.Context.Counter;
import java.util.Optional;

/**
 * Recognises version 3 of the protocol by the structure of its messages.
 *
 * @param maxStatements prepared statements that are known of a connection
 * @param maxBytes memory for them, by estimate
 * @param queryText whether spans have the text of the statement
 * @param unknown counts executions of a statement that was prepared unseen
 * @param unreadable counts texts that are dropped
 * @param malformed counts what the protocol does not allow
 */
record PostgresqlProtocol(
    int maxStatements, int maxBytes, boolean queryText, Counter unknown, Counter unreadable, Counter malformed)
    implements Protocol {
  @Override
  public Optional<Measure> measure(boolean server) {
    return Optional.of(Measure.database(server));
  }

  @Override
  public Guess sniff(Stream in, Direction direction) {
    return Message.guess(in, direction);
  }

  @Override
  public Decoder open(Exchanges out) {
    return new PostgresqlDecoder(this, out);
  }

  @Override
  public Optional<Masker> masker() {
    return Optional.of(new PostgresqlMasker());
  }
}
