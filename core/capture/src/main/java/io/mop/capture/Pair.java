package io.mop.capture;

/** The two ends of a connection: the same whichever of them is looked at. */
record Pair(Endpoint client, Endpoint server) {
  static final Pair UNKNOWN = new Pair(Endpoint.UNKNOWN, Endpoint.UNKNOWN);

  boolean known() {
    return client.known() && server.known();
  }

  /** Whether both ends are of one address: of this machine, unless they were translated on the way. */
  boolean local() {
    return known() && client.address().equals(server.address());
  }
}
