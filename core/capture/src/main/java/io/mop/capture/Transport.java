package io.mop.capture;

import io.mop.api.data.Text;

/** {@code network.transport} of a connection. */
enum Transport {
  UNKNOWN(""),
  TCP("tcp"),
  UNIX("unix");

  private static final int AF_UNIX = 1;
  final Text text;

  Transport(String name) {
    text = Text.of(name);
  }

  /** @param family address family of an OPEN record: only stream sockets have one */
  static Transport of(int family) {
    return family == AF_UNIX ? UNIX : TCP;
  }
}
