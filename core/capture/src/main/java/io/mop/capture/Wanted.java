package io.mop.capture;

import io.mop.api.capture.Protocol;
import java.util.Optional;

/** How much of one connection is wanted; the kernel is told of a change only. */
final class Wanted {
  private final long connection;
  private final Policies policies;
  private Policy policy = Policy.FULL;
  private Optional<Protocol> framedBy = Optional.empty();

  Wanted(long connection, Policies policies) {
    this.connection = connection;
    this.policies = policies;
  }

  /** Of what passes from now on. */
  void set(Policy wanted, Optional<Protocol> by) {
    if (wanted == policy && by.equals(framedBy)) return;
    policy = wanted;
    framedBy = by;
    policies.set(connection, wanted, by);
  }
}
