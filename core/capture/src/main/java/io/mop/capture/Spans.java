package io.mop.capture;

import io.mop.api.data.Text;
import io.mop.capture.Counters.Plain;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;

/** Makes spans of exchanges that are complete. */
final class Spans {
  private static final Logger LOG = System.getLogger("io.mop.capture");
  static final String ERROR_TYPE = "error.type";
  static final String SERVER_ADDRESS = "server.address";
  static final String SERVER_PORT = "server.port";
  private static final Text AMBIGUOUS = Text.of("ambiguous");
  /** Spans that may wait; more do not. */
  private static final int MOST_WAITING = 1024;

  private final SpanSink sink;
  private final LongUnaryOperator unixTime;
  private final Counters counters;
  private final AllPending pending;
  private final OwnSdk sdk = new OwnSdk();
  private final Links links;
  private final Measures measures;
  private final List<Waiting> waiting = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());

  /** A server's exchange whose client's request may be under way. */
  private record Waiting(
      Connection connection, Call call, SpanData data, long start, long end, int position, Series series) {}

  Spans(SpanSink sink, LongUnaryOperator unixTime, Counters counters, AllPending pending) {
    this.sink = sink;
    this.unixTime = unixTime;
    this.counters = counters;
    this.pending = pending;
    links = new Links(sdk, counters);
    measures = new Measures(unixTime, counters);
  }

  Measures measures() {
    return measures;
  }

  Links links() {
    return links;
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

  /** Of a request that begins where the connection's decoder reads. */
  Call call(Connection c) {
    return new Call(c.resource(), c.site().place(), c.site().thread(), id(), id(), id());
  }

  void complete(Connection c, Pending p, long end) {
    sdk.completed(c, p.data);
    int position = c.site().position(p.call.place.direction());
    boolean waits = c.server() && waiting.size() < MOST_WAITING && links.waits(c, p.call, position, end, end);
    Series series = measures.add(c, p.data, p.start, end);
    if (waits) waiting.add(new Waiting(c, p.call, p.take(), p.start, end, position, series));
    else emit(c, p.call, p.data, p.start, end, series);
  }

  /** The ring was read to its end. */
  void drained(long now) {
    release(now);
    flush();
    measures.drained(now);
  }

  /** No record follows. */
  void close() {
    release(Long.MAX_VALUE);
    flush();
    measures.close();
  }

  private void release(long now) {
    waiting.removeIf(w -> !links.waits(w.connection, w.call, w.position, w.end, now) && emit(w));
  }

  private boolean emit(Waiting w) {
    emit(w.connection, w.call, w.data, w.start, w.end, w.series);
    pending.give(w.data);
    return true;
  }

  /**
   * A send may be recorded a moment late, so that a client's request seems to begin after its response: the span then
   * has no length, rather than a negative one.
   */
  private void emit(Connection c, Call call, SpanData data, long begin, long end, Series series) {
    long length = Math.max(0, end - begin);
    long start = unixTime.applyAsLong(end) - length;
    if (sdk.hides(c.resource())) {
      counters.add(Plain.SPANS_SUPPRESSED, 1);
      return;
    }
    if (!sink.wanted()) return;
    long parent = call.use(sdk);
    links.made(c, call, parent);
    try {
      sink.begin(
          c.resource(),
          call.traceHigh(),
          call.traceLow(),
          call.spanId,
          parent,
          c.server() ? SpanSink.SERVER : SpanSink.CLIENT,
          start,
          start + length);
      sink.name(data.name);
      data.attributes(sink);
      Endpoint server = c.ends().server(c.server());
      if (server.known() && !data.has(SERVER_ADDRESS)) sink.attribute(SERVER_ADDRESS, server.address());
      if (server.known() && !data.has(SERVER_PORT)) sink.attribute(SERVER_PORT, server.port());
      if (c.server() && c.ends().remote().known()) sink.attribute("client.address", c.ends().remote().address());
      peer(c.ends().remote());
      if (call.ambiguous && parent == 0) sink.attribute("mop.link", AMBIGUOUS);
      if (data.failed) {
        sink.attribute(ERROR_TYPE, data.error);
        sink.status(SpanSink.ERROR);
      }
      if (series != Series.NONE) sink.attribute("span.metrics.skip", true);
      sink.end();
      series.exemplar(Measures.seconds(begin, end), call, start + length);
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
    if (!sink.wanted()) return;
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

  private void flush() {
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
