package io.mop.capture;

/** One socket of an observed process: whose it is, and what passed on it. */
class ObservedSocket {
  final long id;
  Connection older;
  Connection newer;
  /** Whether the capture looks after this connection at the end of a drain. */
  boolean listed;

  final Shared shared;
  final Carrier carrier;
  final Edge edge = new Edge();
  final Ends ends = new Ends();

  ObservedSocket(long id, Shared shared, Policies policies) {
    this.id = id;
    this.shared = shared;
    carrier = new Carrier(id, policies, shared.counters());
  }

  Ends ends() {
    return ends;
  }

  Resource resource() {
    return ends.process();
  }

  Endpoint local() {
    return ends.local();
  }

  Endpoint remote() {
    return ends.remote();
  }

  Edge edge() {
    return edge;
  }

  /** Of the socket's own bytes. */
  Positions positions() {
    return carrier.positions();
  }

  /** Whether a TLS library gives its plaintext: then the socket's own bytes are not looked at. */
  boolean secure() {
    return carrier.ignored();
  }
}
