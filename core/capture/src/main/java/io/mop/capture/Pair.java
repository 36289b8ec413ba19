package io.mop.capture;

import java.util.Objects;

/** The two ends of a connection: the same whichever of them is looked at. */
final class Pair {
  static final Pair UNKNOWN = new Pair(Endpoint.UNKNOWN, Endpoint.UNKNOWN);

  private final Endpoint client;
  private final Endpoint server;
  /** Asked for with each exchange. */
  private final int hash;

  Pair(Endpoint client, Endpoint server) {
    this.client = client;
    this.server = server;
    hash = Objects.hash(client, server);
  }

  boolean known() {
    return client.known() && server.known();
  }

  /** Whether both ends are of one address: of this machine, unless they were translated on the way. */
  boolean local() {
    return known() && client.address().equals(server.address());
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public boolean equals(Object other) {
    return other == this
        || other instanceof Pair p && hash == p.hash && client.equals(p.client) && server.equals(p.server);
  }
}
