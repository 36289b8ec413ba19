package io.mop.bpf;

import java.util.Locale;

/**
 * What the kernel programs count, in their order (probes-native/include/counters.h). Each call that a selected process
 * makes on a socket or through a TLS library, and each further record that a long one needs, has one outcome: {@code
 * SEEN + CONTINUED + TLS = SUBMITTED + RESERVE_FAILED + FAILED_CALL + NOTHING + PEEKED + OTHER_FAMILY + NO_STATE +
 * COUNT_ONLY + UNTOLD}; and each record submitted one statement about its payload: {@code SUBMITTED = WHOLE + TRUNCATED + FAULT +
 * NO_BUFFER + GUARD + DISCARDED + END + HEADS + HEADER_ONLY + FRAMED}.
 */
enum Counter {
  SEEN("calls of selected processes on sockets"),
  CONTINUED("further records of calls that one record does not take"),
  SUBMITTED("records of data or end of stream put into the ring"),
  RESERVE_FAILED("records lost because the ring was full"),
  FAILED_CALL("calls that returned an error, such as EAGAIN"),
  NOTHING("calls that moved no bytes of a stream"),
  PEEKED("receives that left the bytes in place"),
  OTHER_FAMILY("calls on sockets that are neither IP nor unix"),
  NO_STATE("records lost because the kernel had no memory for the state of a connection"),
  COUNT_ONLY("calls on connections of which no records are wanted"),
  UNTOLD("calls lost because a protocol's classifier did not give them back"),

  WHOLE("records that hold all bytes that they stand for"),
  TRUNCATED("records that hold the first of the bytes that they stand for"),
  FAULT("records that lack bytes because user memory could not be read"),
  NO_BUFFER("records without bytes because the call does not say where they are, such as sendfile"),
  GUARD("records without bytes because another call moved them, such as io_uring"),
  DISCARDED("records without bytes because the receiver threw them away"),
  END("records of an end of stream"),
  HEADS("records cut because only the heads of the connection's messages are wanted"),
  HEADER_ONLY("records without bytes because none of the connection's are wanted"),
  FRAMED("records cut because the protocol's classifier knows the bytes to be of no use, such as a body's"),

  OPEN("records of a first sight of a connection"),
  OPEN_FAILED("first sights put off because the ring was full"),
  CLOSE("records of a closed connection"),
  CLOSE_FAILED("closes lost because the ring was full"),
  COMPAT("system calls of selected 32-bit processes, which are not looked at"),

  TLS("calls of a TLS library that moved plaintext of a known connection, or found its end"),
  TLS_UNJOINED("calls of a TLS library that moved plaintext of an unknown connection, which is lost");

  private final String description;

  Counter(String description) {
    this.description = description;
  }

  /** As in a metric's name. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  String description() {
    return description;
  }
}
