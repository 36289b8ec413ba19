package io.mop.capture;

import io.mop.capture.Counters.Plain;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Finds the parents of exchanges. That of a server's exchange is the client's, where this capture sees both ends of the
 * connection; that of a client's is the one that its thread works on. For the ring thread.
 */
final class Links {
  /** Requests of clients that are kept: about as many as may be open. */
  private static final int CALLS = 1 << 15;

  /** How long the record of a client's request may be under way after the server's answer, in nanoseconds. */
  private static final long LATE = 1_000_000_000;
  /** How long the first record of a client may be under way after that of its server. */
  private static final long UNSEEN = 100_000_000;

  private final OwnSdk sdk;
  private final Counters counters;
  private final Threads threads = new Threads();
  private final Map<Pair, Connection> clients = new HashMap<>();
  private final Map<Place, Call> sent =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, Call> eldest) {
          return size() > CALLS;
        }
      };

  Links(OwnSdk sdk, Counters counters) {
    this.sdk = sdk;
    this.counters = counters;
  }

  /** A decoder reads the connection of a client. */
  void opened(Connection client) {
    if (client.site().pair().known()) clients.put(client.site().pair(), client);
  }

  /** No decoder reads it any more. */
  void closed(Connection client) {
    clients.remove(client.site().pair(), client);
  }

  /** A request was found. */
  void begins(Call call, boolean server) {
    if (server) {
      threads.reads(call);
      join(call);
    } else {
      threads.sends(call);
      if (call.place.known()) sent.put(call.place, call);
    }
  }

  /** The exchange is being answered, or has ended; may be repeated. */
  void answered(Call call, boolean server) {
    if (server) threads.answered(call);
  }

  private void join(Call server) {
    if (server.follows() || !server.place.known()) return;
    Call client = sent.get(server.place);
    if (client != null && !sdk.hides(client.process) && server.follow(client)) sent.remove(server.place);
  }

  /**
   * Whether the span of a server's complete exchange waits for the client's request, whose record may be under way.
   *
   * @param position how far the server's direction of the request had come
   * @param now later than the end of the exchange
   */
  boolean waits(Connection c, Call server, int position, long end, long now) {
    join(server);
    if (server.follows() || !server.place.known()) return false;
    Connection client = clients.get(server.place.pair());
    if (client == null) return server.place.pair().local() && now - c.site().since() < UNSEEN;
    return !client.site().reached(server.place.direction(), position) && now - end < LATE;
  }

  /** A span is made; {@code parent} is its parent's id. */
  void made(Connection c, Call call, long parent) {
    if (call.ambiguous && parent == 0) counters.add(Plain.SPANS_AMBIGUOUS, 1);
    if (!c.server()) return;
    if (parent != call.told()) counters.add(Plain.SPANS_JOINED, 1);
    Connection client = clients.get(call.place.pair());
    if (client != null && !call.follows() && !sdk.hides(client.resource())) counters.add(Plain.SPANS_UNJOINED, 1);
  }
}
