package io.mop.capture;

import java.time.Duration;

/**
 * Bounds of the capture core. Beyond one, the oldest goes or the connection is re-synchronised; both are counted.
 *
 * @param connections tracked at a time; the one that was quiet for longest gives way
 * @param streamBytes unread bytes held for one direction of one connection
 * @param totalBytes unread bytes held for all connections
 * @param inFlight open exchanges of one connection
 * @param inFlightBytes memory for all open exchanges, by estimate
 * @param quiet after a loss, the silence behind a response that tells that nothing is outstanding on a connection that
 *     pipelines
 */
public record Limits(
    int connections, int streamBytes, long totalBytes, int inFlight, long inFlightBytes, Duration quiet) {
  public Limits {
    if (connections < 1) throw new IllegalArgumentException("connections must be at least 1");
    if (streamBytes < 1024 || streamBytes > 1 << 26) {
      throw new IllegalArgumentException("streamBytes must be between 1024 and 67108864");
    }
    if (totalBytes < streamBytes) throw new IllegalArgumentException("totalBytes must be at least streamBytes");
    if (inFlight < 1 || inFlight > 1 << 16) throw new IllegalArgumentException("inFlight must be 1 to 65536");
    if (inFlightBytes < 1024) throw new IllegalArgumentException("inFlightBytes must be at least 1024");
    if (quiet.isNegative() || quiet.isZero()) throw new IllegalArgumentException("quiet must be more than 0");
  }

  /** 16,384 connections; 64 KiB unread a direction, 32 MiB in all; 1,024 exchanges each, 32 MiB in all; 1 s. */
  public static Limits standard() {
    return new Limits(16_384, 64 << 10, 32L << 20, 1024, 32L << 20, Duration.ofSeconds(1));
  }
}
