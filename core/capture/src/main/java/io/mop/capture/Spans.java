package io.mop.capture;

import io.mop.api.data.Text;
import io.mop.capture.Counters.Plain;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;

/** Makes spans of exchanges that are complete. */
final class Spans {
  private static final Logger LOG = System.getLogger("io.mop.capture");
  private static final String SERVER_ADDRESS = "server.address";
  private static final String SERVER_PORT = "server.port";

  private final SpanSink sink;
  private final LongUnaryOperator unixTime;
  private final Counters counters;
  private final OwnSdk sdk = new OwnSdk();
  private boolean suppress;
  private final SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());

  Spans(SpanSink sink, LongUnaryOperator unixTime, Counters counters) {
    this.sink = sink;
    this.unixTime = unixTime;
    this.counters = counters;
  }

  void suppressOwnSdk() {
    suppress = true;
  }

  OwnSdk sdk() {
    return sdk;
  }

  private long id() {
    long id;
    do id = random.nextLong();
    while (id == 0);
    return id;
  }

  /**
   * A send may be recorded a moment late, so that a client's request seems to begin after its response: the span then
   * has no length, rather than a negative one.
   */
  void emit(Connection c, Pending p, long end) {
    long length = Math.max(0, end - p.start);
    long start = unixTime.applyAsLong(end) - length;
    SpanData data = p.data;
    if (sdk.makes(c, data) && suppress) {
      counters.add(Plain.SPANS_SUPPRESSED, 1);
      return;
    }
    boolean child = data.parentId != 0;
    try {
      sink.begin(
          c.resource(),
          child ? data.traceHigh : id(),
          child ? data.traceLow : id(),
          id(),
          data.parentId,
          c.server() ? SpanSink.SERVER : SpanSink.CLIENT,
          start,
          start + length);
      sink.name(data.name);
      data.attributes(sink);
      Endpoint server = c.server() ? c.local() : c.remote();
      if (server.known() && !data.has(SERVER_ADDRESS)) sink.attribute(SERVER_ADDRESS, server.address());
      if (server.known() && !data.has(SERVER_PORT)) sink.attribute(SERVER_PORT, server.port());
      if (c.server() && c.remote().known()) sink.attribute("client.address", c.remote().address());
      peer(c.remote());
      if (data.failed) {
        sink.attribute("error.type", data.error);
        sink.status(SpanSink.ERROR);
      }
      sink.end();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void peer(Endpoint peer) {
    if (!peer.known()) return;
    sink.attribute("network.peer.address", peer.address());
    sink.attribute("network.peer.port", peer.port());
  }

  /** A connection that no decoder has read: what passed since its last edge. */
  void edge(Connection c, Role role, Text reason) {
    Edge e = c.edge();
    long length = c.lastTime() - e.since();
    long start = unixTime.applyAsLong(c.lastTime()) - length;
    try {
      sink.begin(c.resource(), id(), id(), id(), 0, role.kind, start, start + length);
      sink.name(e.found().kind().name);
      ends(c.ends(), role);
      Text protocol = e.found().kind().protocol;
      if (protocol.length() > 0) sink.attribute("network.protocol.name", protocol);
      sink.attribute("mop.connection.reason", reason);
      sink.attribute("mop.connection.bytes_received", e.untold(Record.RECV, c.positions()));
      sink.attribute("mop.connection.bytes_sent", e.untold(Record.SEND, c.positions()));
      if (e.rttMicros() >= 0) sink.attribute("mop.connection.rtt_us", e.rttMicros());
      sink.end();
    } catch (RuntimeException ex) {
      failed(ex);
    }
  }

  private void ends(Ends ends, Role role) {
    if (ends.transport() != Transport.UNKNOWN) sink.attribute("network.transport", ends.transport().text);
    Endpoint local = ends.local();
    if (local.known()) {
      sink.attribute("network.type", local.type());
      sink.attribute("network.local.address", local.address());
      sink.attribute("network.local.port", local.port());
    }
    peer(ends.remote());
    Endpoint server = role == Role.SERVER ? local : role == Role.CLIENT ? ends.remote() : Endpoint.UNKNOWN;
    if (!server.known()) return;
    sink.attribute(SERVER_ADDRESS, server.address());
    sink.attribute(SERVER_PORT, server.port());
  }

  void flush() {
    try {
      sink.flush();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void failed(RuntimeException e) {
    counters.add(Plain.SINK_FAILURES, 1);
    LOG.log(Level.WARNING, "spans were not taken", e);
  }
}
