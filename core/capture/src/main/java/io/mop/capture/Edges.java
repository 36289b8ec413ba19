package io.mop.capture;

import io.mop.api.data.Text;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Predicate;

/**
 * Tells of connections that no decoder has read, as edges: at their end, and every {@link #INTERVAL} while bytes pass.
 * Edges of one connection add up: each has the bytes since the one before.
 */
final class Edges {
  static final long INTERVAL = 30_000_000_000L;
  /** Time between two looks at all connections. */
  static final long LOOK = 5_000_000_000L;
  /** Linux gives clients local ports from here on, unless told otherwise; services are seldom there. */
  private static final int EPHEMERAL = 32_768;

  private static final Text GO_TLS = Text.of("TLS by Go crypto/tls: not readable");
  private static final Text ANY_TLS = Text.of("TLS: not readable without a TLS probe");
  private static final Text NOTHING = Text.of("no bytes passed");
  private static final Text NOT_CAPTURED = Text.of("no bytes captured");
  private static final Text NOT_RECOGNISED = Text.of("no protocol recognised");

  private final Optional<Predicate<Resource>> goProgram;
  private final Spans spans;
  private final Counters counters;
  private IntFunction<Optional<String>> tls = tgid -> Optional.empty();
  private List<NamedProtocol> installed = List.of();
  private long looked = Long.MIN_VALUE;

  /** @param goProgram whether a process's program was built by Go; empty = no edges are made */
  Edges(Optional<Predicate<Resource>> goProgram, Spans spans, Counters counters) {
    this.goProgram = goProgram;
    this.spans = spans;
    this.counters = counters;
  }

  /** What is known of the TLS libraries of a process. */
  void tls(IntFunction<Optional<String>> libraries) {
    tls = libraries;
  }

  void installed(List<NamedProtocol> protocols) {
    installed = protocols;
  }

  boolean go(Resource process) {
    return goProgram.isPresent() && goProgram.get().test(process);
  }

  /** Whether it is time to look at all connections. */
  boolean due(long now) {
    if (looked != Long.MIN_VALUE && now - looked < LOOK) return false;
    looked = now;
    return true;
  }

  /** Of a socket whose kind has no CLOSE record: whether its peer has ended it and nothing follows. */
  static boolean over(Connection c, long now) {
    boolean ended = c.edge().peerEnded() && c.ends().transport() == Transport.UNIX;
    return ended && now - c.lastTime() >= INTERVAL;
  }

  /** An open connection: tells of it if no decoder has read it, it is time and something passed. */
  void look(Connection c, long now) {
    Edge e = c.edge();
    if (c.decoded() || now - e.since() < INTERVAL) return;
    if (!e.moved(c.positions())) {
      e.quiet(now);
      return;
    }
    tell(c);
    e.told(c.positions(), now);
  }

  /** A connection that is not used again. */
  void ended(Connection c) {
    if (c.edge().untoldEnd(c.positions())) tell(c);
  }

  private void tell(Connection c) {
    if (goProgram.isEmpty()) return;
    spans.edge(c, role(c), reason(c));
    counters.add(Counters.EDGES, c.edge().found().kind().key);
  }

  /** By content, by listening port, or a client by two ports of which only the local one is of the kind given out. */
  static Role role(Connection c) {
    Role content = c.edge().found().role();
    if (content != Role.UNKNOWN) return content;
    Ends ends = c.ends();
    if (ends.listening()) return Role.SERVER;
    boolean client = ends.local().port() >= EPHEMERAL && ends.remote().known() && ends.remote().port() < EPHEMERAL;
    return client ? Role.CLIENT : Role.UNKNOWN;
  }

  /** Why no decoder reads the connection, as a sentence. */
  Text reason(Connection c) {
    WireKind kind = c.edge().found().kind();
    if (c.secure()) return Text.of(library(c).orElse("TLS: read by uprobes") + "; " + plain(c, kind));
    if (kind != WireKind.TLS) return plain(c, kind);
    if (c.edge().goTls()) return GO_TLS;
    return library(c).map(l -> Text.of(l + "; no call on this connection was seen")).orElse(ANY_TLS);
  }

  private Optional<String> library(Connection c) {
    return tls.apply(c.resource().tgid());
  }

  private Text plain(Connection c, WireKind kind) {
    if (kind == WireKind.UNKNOWN) {
      if (c.edge().captured()) return NOT_RECOGNISED;
      return c.positions().passed(Record.RECV) + c.positions().passed(Record.SEND) == 0 ? NOTHING : NOT_CAPTURED;
    }
    boolean decoder = installed.stream().anyMatch(p -> p.name().equals(kind.key));
    return Text.of(kind.title + (decoder ? ": its decoder found no message" : ": no decoder installed"));
  }
}
