package io.mop.capture;

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
  private final SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());

  Spans(SpanSink sink, LongUnaryOperator unixTime, Counters counters) {
    this.sink = sink;
    this.unixTime = unixTime;
    this.counters = counters;
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
      Endpoint peer = c.remote();
      Endpoint server = c.server() ? c.local() : peer;
      if (server.known() && !data.has(SERVER_ADDRESS)) sink.attribute(SERVER_ADDRESS, server.address());
      if (server.known() && !data.has(SERVER_PORT)) sink.attribute(SERVER_PORT, server.port());
      if (peer.known()) {
        if (c.server()) sink.attribute("client.address", peer.address());
        sink.attribute("network.peer.address", peer.address());
        sink.attribute("network.peer.port", peer.port());
      }
      if (data.failed) {
        sink.attribute("error.type", data.error);
        sink.status(SpanSink.ERROR);
      }
      sink.end();
    } catch (RuntimeException e) {
      failed(e);
    }
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
