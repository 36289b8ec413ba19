package io.mop.capture;

import io.mop.api.capture.Protocol;
import java.util.Optional;

/** The bytes of a connection's socket, whether they are decoded or are the ciphertext of plaintext that comes apart. */
final class Carrier {
  private final long connection;
  private final Policies policies;
  private final Counters counters;
  private final Positions positions = new Positions();
  private Wanted wanted;
  private boolean ignored;
  private long lastTime = Long.MIN_VALUE;

  Carrier(long connection, Policies policies, Counters counters) {
    this.connection = connection;
    this.policies = policies;
    this.counters = counters;
    wanted = new Wanted(connection, policies);
  }

  Positions positions() {
    return positions;
  }

  /** How much is wanted of what is decoded. */
  void want(Policy policy) {
    wanted.set(policy, Optional.empty());
  }

  /** The same, less what the protocol's classifier knows to be of no use. */
  void want(Policy policy, Protocol protocol) {
    wanted.set(policy, Optional.of(protocol).filter(p -> p.classifier().isPresent()));
  }

  /** From now on plaintext is decoded, and only {@link #follow} takes records of the socket. */
  void ignore() {
    want(Policy.HEADER_ONLY);
    wanted = new Wanted(connection | Policies.PLAINTEXT, policies);
    ignored = true;
  }

  boolean ignored() {
    return ignored;
  }

  /** A record whose bytes are not looked at; the reason of a loss before it, or an empty string. */
  String follow(Record r) {
    lastTime = r.ts();
    return positions.follow(r, counters);
  }

  /** Time of the last record that {@link #follow} took. */
  long lastTime() {
    return lastTime;
  }
}
