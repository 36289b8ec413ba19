package io.mop.testkit;

import io.mop.api.capture.Protocol;
import io.mop.capture.Capture;
import io.mop.capture.Counters;
import io.mop.capture.Limits;
import io.mop.capture.NamedProtocol;
import io.mop.capture.Processes;
import io.mop.capture.Record;
import io.mop.capture.Recording;
import io.mop.capture.Resource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The capture core with the processes of a recording, for one play. */
final class Player {
  /** The protocol's name, which a span has of which nothing else is known. */
  static final String PROTOCOL = "test";

  private final CollectedSpans sink = new CollectedSpans();
  private final Capture capture;

  Player(Recording recording, Protocol protocol) {
    capture = new Capture(sink, Limits.standard(), t -> t, new Recorded(recording));
    capture.protocols(List.of(new NamedProtocol(PROTOCOL, protocol)));
  }

  /**
   * The spans, in order of completion.
   *
   * @throws AssertionError if the decoder has thrown, or not every exchange is accounted for
   */
  List<TestSpan> play(List<Record> records) {
    for (Record r : records) capture.accept(r);
    capture.drained(records.isEmpty() ? 0 : records.get(records.size() - 1).ts());
    capture.close();
    if (count(Counters.DECODER_FAILURES) > 0) {
      throw new AssertionError("the decoder or the sniffer threw; the log says what and where");
    }
    long ended = count(Counters.EXCHANGES_COMPLETED) + count(Counters.EXCHANGES_INCOMPLETE)
        + count(Counters.EXCHANGES_DISCARDED);
    if (count(Counters.EXCHANGES) != ended || count(Counters.EXCHANGES_COMPLETED) != sink.spans.size()) {
      throw new AssertionError("exchanges do not add up: " + capture.counters().snapshot());
    }
    return List.copyOf(sink.spans);
  }

  private long count(String counter) {
    return capture.counters().get(counter);
  }

  /** Each connection is of a process of its own, whose pid is that in its OPEN record. */
  private static final class Recorded implements Processes {
    private record Known(Resource resource, Optional<Integer> port) {}

    private final Map<Integer, Known> known = new HashMap<>();

    Recorded(Recording recording) {
      for (Recording.Connection c : recording.connections()) {
        Record open = c.records().get(0);
        int tgid = Math.toIntExact(open.conn());
        byte[] payload = new byte[Record.OPEN_LENGTH];
        open.payload(0, payload, 0, payload.length);
        int port = ByteBuffer.wrap(payload).order(ByteOrder.nativeOrder()).getShort(LOCAL_PORT) & 0xffff;
        Resource resource = new Resource(tgid, 1, Map.of("service.name", c.process()));
        known.put(tgid, new Known(resource, c.listens() ? Optional.of(port) : Optional.empty()));
      }
    }

    /** See {@link Record#OPEN_LENGTH}. */
    private static final int LOCAL_PORT = 6;

    @Override
    public Resource resource(int tgid) {
      return known.containsKey(tgid) ? known.get(tgid).resource : new Resource(tgid, 1, Map.of());
    }

    @Override
    public boolean listens(int tgid, int port) {
      return listening(tgid).orElse(Set.of()).contains(port);
    }

    @Override
    public Optional<Set<Integer>> listening(int tgid) {
      return Optional.ofNullable(known.get(tgid)).map(k -> k.port.map(Set::of).orElse(Set.of()));
    }

    @Override
    public int tgid(int tid) {
      return tid;
    }
  }
}
