package io.mop.capture;

/** How much of one connection is wanted; the kernel is told of a change only. */
final class Wanted {
  private final long connection;
  private final Policies policies;
  private Policy policy = Policy.FULL;

  Wanted(long connection, Policies policies) {
    this.connection = connection;
    this.policies = policies;
  }

  /** Of what passes from now on. */
  void set(Policy wanted) {
    if (wanted == policy) return;
    policy = wanted;
    policies.set(connection, wanted);
  }
}
