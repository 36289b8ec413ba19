package io.mop.capture;

/** How much of a connection's bytes the kernel hands over; the order is the kernel programs'. */
public enum Policy {
  /** All that the kernel's own limits take: the first 16 KiB of each call. */
  FULL,
  /**
   * The first bytes of messages, of a process that sends requests: 4096 bytes of a request, 1024 of a response, when
   * the sides have just taken turns; 64 bytes of each further call.
   */
  HEADS_OF_CLIENT,
  /** Likewise, of a process that receives requests. */
  HEADS_OF_SERVER,
  /** Records without payload. */
  HEADER_ONLY,
  /** No records; what passes is counted as calls, and the position of the next record tells the bytes. */
  COUNT_ONLY
}
