package io.mop.capture;

import io.mop.capture.Counters.Plain;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.function.LongUnaryOperator;
import java.util.function.Predicate;

/**
 * Turns the records of a ring into spans: keeps connections, decides their protocol, reassembles, lets decoders find
 * messages, pairs them, and never pairs across a loss. {@link #accept}, {@link #drained} and {@link #close} belong to
 * the ring thread; the others may be called by any.
 */
public final class Capture implements AutoCloseable {
  /** Rows of {@link #connections}. */
  public static final int MOST_LIVE = 10_000;

  private final Shared shared;
  private final ConnectionTable table;
  private final List<Connection> held = new ArrayList<>();
  private final AtomicReference<Change> change = new AtomicReference<>();
  private final Queue<CompletableFuture<List<LiveConnection>>> asked = new ConcurrentLinkedQueue<>();
  private List<NamedProtocol> protocols = List.of();
  private volatile boolean closed;
  private Policies policies = (conn, policy, framedBy) -> {};
  private Optional<Recorder> recorder = Optional.empty();

  private record Change(List<NamedProtocol> protocols, List<CompletableFuture<Void>> done) {}

  /** A capture without edges: of a connection that no decoder reads nothing is told. */
  public Capture(SpanSink sink, Limits limits, LongUnaryOperator unixTime, Processes processes) {
    this(sink, limits, unixTime, processes, Optional.empty());
  }

  /**
   * @param unixTime CLOCK_MONOTONIC to Unix, both in nanoseconds, see {@link UnixClock}
   * @param edges makes spans also of connections that no decoder has read; tells whether a program was built by Go, see
   *     {@link GoBinary}
   */
  public Capture(
      SpanSink sink,
      Limits limits,
      LongUnaryOperator unixTime,
      Processes processes,
      Optional<Predicate<Resource>> edges) {
    Counters counters = new Counters();
    AllPending pending = new AllPending(limits.inFlightBytes());
    Spans spans = new Spans(sink, unixTime, counters, pending);
    shared =
        new Shared(
            limits,
            counters,
            processes,
            new Buffers(limits.totalBytes()),
            pending,
            new Cardinality(counters),
            spans,
            new Edges(edges, spans, counters));
    table = new ConnectionTable(limits.connections());
  }

  /** Where to say how much of a connection is wanted. Before the first record; without it all that comes is taken. */
  public void policies(Policies policies) {
    this.policies = policies;
  }

  /**
   * What is known of the TLS libraries of a process, e.g. {@code TLS by libssl.so.3: read by uprobes (fast)}; empty if
   * there are none. Before the first record; asked by the ring thread.
   */
  public void tls(IntFunction<Optional<String>> libraries) {
    shared.edges().tls(libraries);
  }

  /**
   * Writes what passes into a file. Before the first record.
   *
   * @param version of this MOP
   * @throws IOException if the file cannot be made, or is there already
   */
  public void record(RecordTo to, String version) throws IOException {
    recorder = Optional.of(new Recorder(to, version, shared));
  }

  /** Takes one record; its bytes are copied as far as they are needed later. */
  public void accept(Record r) {
    if (change.get() != null) change();
    shared.counters().add(Plain.RECORDS, 1);
    if (!r.valid()) {
      shared.counters().add(Plain.RECORDS_INVALID, 1);
      return;
    }
    switch (r.kind()) {
      case Record.DATA, Record.CONT, Record.TLS_DATA, Record.TLS_CONT -> {
        Connection c = connection(r.conn());
        c.data(r, protocols);
        if (!c.secure()) recorder.ifPresent(rec -> rec.data(c, r, protocols));
        if (c.held() && !c.listed) held.add(c);
        c.listed |= c.held();
      }
      case Record.OPEN -> {
        Connection c = connection(r.conn());
        c.open(r);
        recorder.ifPresent(rec -> rec.open(c, r));
      }
      case Record.EOF, Record.TLS_END -> {
        Connection c = connection(r.conn());
        c.eof(r);
        recorder.ifPresent(rec -> rec.other(c, r));
      }
      case Record.CLOSE -> {
        Connection c = table.get(r.conn());
        if (c == null) return;
        c.closed(r);
        recorder.ifPresent(rec -> rec.other(c, r));
        remove(c);
      }
      default -> shared.counters().add(Plain.RECORDS_INVALID, 1);
    }
  }

  private Connection connection(long id) {
    Connection c = table.get(id);
    if (c != null) return c;
    if (table.full()) {
      Connection eldest = table.eldest();
      eldest.end(Counters.CONNECTION_EVICTED);
      remove(eldest);
      shared.counters().add(Plain.CONNECTIONS_EVICTED, 1);
    }
    c = new Connection(id, shared, policies);
    table.add(c);
    shared.counters().add(Plain.CONNECTIONS, 1);
    return c;
  }

  /** The ring was read to its end: gives up waiting for what should have come, and hands the spans on. */
  public void drained(long monotonicNanos) {
    if (change.get() != null) change();
    for (int i = held.size() - 1; i >= 0; i--) {
      Connection c = held.get(i);
      if (c.held()) c.drained();
      if (c.held()) continue;
      c.listed = false;
      held.remove(i);
    }
    if (shared.edges().due(monotonicNanos)) look(monotonicNanos);
    if (!asked.isEmpty()) answer(table.live(MOST_LIVE));
    gauges();
    shared.spans().drained(monotonicNanos);
  }

  private void look(long now) {
    table.forEach(c -> {
      if (!Edges.over(c, now)) {
        shared.edges().look(c, now);
        return;
      }
      c.end(Counters.CONNECTION_CLOSED);
      remove(c);
    });
  }

  private void remove(Connection c) {
    recorder.ifPresent(rec -> rec.end(c));
    table.remove(c);
  }

  /**
   * The connections there are at the next drain, those used last first, and some that ended last; at most {@link
   * #MOST_LIVE}.
   *
   * @return done by the ring thread; without connections once capture is closed
   */
  public CompletionStage<List<LiveConnection>> connections() {
    CompletableFuture<List<LiveConnection>> answer = new CompletableFuture<>();
    asked.add(answer);
    if (closed) answer(List.of());
    return answer;
  }

  private void answer(List<LiveConnection> live) {
    for (CompletableFuture<List<LiveConnection>> a; (a = asked.poll()) != null; ) a.complete(live);
  }

  private void gauges() {
    shared.counters().set(Plain.CONNECTIONS_OPEN, table.size());
    shared.counters().set(Plain.EXCHANGES_IN_FLIGHT, shared.pending().size());
    shared.counters().set(Plain.STREAM_BYTES, shared.buffers().out());
  }

  /**
   * Protocols to recognise, in order of asking; takes effect before the next record or at the next drain. An open
   * connection whose protocol is replaced goes on with the new one from its unread bytes; one whose protocol is gone is
   * undecided again.
   *
   * @return done when the ring thread has switched: nothing calls the former protocols any more
   */
  public CompletionStage<Void> protocols(List<NamedProtocol> protocols) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    List<NamedProtocol> copy = List.copyOf(protocols);
    change.accumulateAndGet(
        new Change(copy, List.of(done)),
        (before, now) -> {
          if (before == null) return now;
          List<CompletableFuture<Void>> all = new ArrayList<>(before.done);
          all.addAll(now.done);
          return new Change(now.protocols, all);
        });
    return done;
  }

  private void change() {
    Change c = change.getAndSet(null);
    protocols = c.protocols;
    shared.edges().installed(protocols);
    table.forEach(connection -> connection.protocols(protocols));
    c.done.forEach(done -> done.complete(null));
  }

  /** From now on there are no spans of processes that have an SDK of their own; before the first record. */
  public void suppressOwnSdk() {
    shared.spans().sdk().suppress();
  }

  /**
   * From now on exchanges are measured while a pipeline takes metrics, and their spans marked so that they are not
   * counted again; before the first record.
   */
  public void measure(MetricBatches to, Duration interval) {
    shared.spans().measures().to(to, interval);
  }

  /**
   * What tells that a process makes spans itself, e.g. {@code process 4711 has an OpenTelemetry SDK of its own: it sent
   * OTLP to 127.0.0.1:4318}; empty if nothing does.
   */
  public Optional<String> ownSdk(int tgid) {
    return OwnSdk.why(shared.processes().resource(tgid));
  }

  /** Counters of this capture; gauges are those of the last drain. */
  public Counters counters() {
    return shared.counters();
  }

  /** Ends all connections, counted, and hands the last spans on. */
  @Override
  public void close() {
    table.forEach(c -> c.end(Counters.STOPPED));
    table.forEach(this::remove);
    recorder.ifPresent(Recorder::close);
    if (change.get() != null) change();
    closed = true;
    answer(List.of());
    gauges();
    shared.spans().close();
  }
}
