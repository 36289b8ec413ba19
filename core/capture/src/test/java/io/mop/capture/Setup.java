package io.mop.capture;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.logging.Logger;

/** A capture over collected spans, with one process that listens on {@link Wire#SERVER_PORT}. */
final class Setup {
  /** Decoders fail here on purpose, thousands of times: what is logged reaches only a handler that a test adds. */
  static final Logger LOG = Logger.getLogger("io.mop.capture");

  static {
    LOG.setUseParentHandlers(false);
  }

  final Collected sink = new Collected();
  final Capture capture;

  Setup() {
    this(Limits.standard());
  }

  Setup(Limits limits) {
    capture = new Capture(sink, limits, Setup::unix, new OneProcess());
    lines();
  }

  private Setup(Limits limits, Predicate<Resource> goProgram) {
    capture = new Capture(sink, limits, Setup::unix, new OneProcess(), Optional.of(goProgram));
    lines();
  }

  static Setup withEdges() {
    return withEdges(Limits.standard());
  }

  static Setup withEdges(Limits limits) {
    return new Setup(limits, process -> false);
  }

  static Setup withEdges(Predicate<Resource> goProgram) {
    return new Setup(Limits.standard(), goProgram);
  }

  private void lines() {
    capture.protocols(List.of(new NamedProtocol("lines", new Lines())));
  }

  private static long unix(long monotonic) {
    return monotonic + 1_000_000_000_000L;
  }

  static Limits limits(int connections, int streamBytes, int inFlight) {
    return new Limits(connections, streamBytes, 1 << 20, inFlight, 1 << 20, Duration.ofSeconds(1));
  }

  /** Name of request and response of each span, e.g. {@code a=a}. */
  List<String> pairs() {
    return sink.spans.stream().map(s -> s.get("q") + "=" + s.get("r")).toList();
  }

  long count(String name) {
    return capture.counters().get(name);
  }

  long incomplete(String reason) {
    return capture.counters().get(Counters.EXCHANGES_INCOMPLETE, reason);
  }

  /** What began is accounted for. */
  boolean balanced() {
    capture.drained(0);
    return count(Counters.EXCHANGES)
        == count(Counters.EXCHANGES_COMPLETED)
            + count(Counters.EXCHANGES_INCOMPLETE)
            + count(Counters.EXCHANGES_DISCARDED)
            + count(Counters.EXCHANGES_IN_FLIGHT);
  }

  static final class OneProcess implements Processes {
    private final Resource resource = new Resource(4711, 1, Map.of("service.name", "one"));

    @Override
    public Resource resource(int tgid) {
      return resource;
    }

    @Override
    public boolean listens(int tgid, int port) {
      return port == Wire.SERVER_PORT;
    }

    @Override
    public Optional<Set<Integer>> listening(int tgid) {
      return Optional.of(Set.of(Wire.SERVER_PORT));
    }

    @Override
    public int tgid(int tid) {
      return tid;
    }
  }
}
