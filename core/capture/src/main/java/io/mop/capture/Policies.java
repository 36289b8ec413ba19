package io.mop.capture;

/** Tells the kernel how much of a connection is wanted; without a word it is {@link Policy#FULL}. */
@FunctionalInterface
public interface Policies {
  /**
   * With this bit a connection's number means the plaintext that a TLS library gives, instead of the socket's bytes.
   */
  long PLAINTEXT = Long.MIN_VALUE;

  /**
   * Holds for calls that end from now on; records under way are as before. On the ring thread.
   *
   * @param conn as in records, perhaps with {@link #PLAINTEXT}
   */
  void set(long conn, Policy policy);
}
