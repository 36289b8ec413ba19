package io.mop.capture;

import io.mop.api.capture.Protocol;
import java.util.Optional;

/** Tells the kernel how much of a connection is wanted; without a word it is {@link Policy#FULL}, of any protocol. */
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
   * @param framedBy whose classifier may say what of {@link Policy#FULL} can be left out
   */
  void set(long conn, Policy policy, Optional<Protocol> framedBy);
}
