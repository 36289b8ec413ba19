package io.mop.capture;

import io.mop.api.capture.Protocol.Direction;

/**
 * Where an exchange begins on the wire, the same at both ends of its connection: TCP numbers the bytes of a direction,
 * and a decoder begins an exchange at the same byte however the bytes were cut into system calls.
 */
record Place(Pair pair, Direction direction, int position) {
  static final Place UNKNOWN = new Place(Pair.UNKNOWN, Direction.REQUEST, 0);

  boolean known() {
    return pair.known();
  }
}
