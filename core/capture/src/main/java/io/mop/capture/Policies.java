package io.mop.capture;

/** Tells the kernel how much of a connection is wanted; without a word it is {@link Policy#FULL}. */
@FunctionalInterface
public interface Policies {
  /**
   * Holds for calls that end from now on; records under way are as before. On the ring thread.
   *
   * @param conn as in records
   */
  void set(long conn, Policy policy);
}
