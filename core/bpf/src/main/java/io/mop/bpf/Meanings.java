package io.mop.bpf;

import static java.util.Map.entry;

import io.mop.capture.Counters;
import io.mop.control.Why;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the counters of a receiver say, those of the kernel as {@link Counter} has it. */
final class Meanings {
  private static final Map<String, String> CAPTURE =
      Map.ofEntries(
          entry(Counters.RECORDS, "records taken"),
          entry(Counters.RECORDS_INVALID, "records that make no sense"),
          entry(Counters.RECORDS_LOST, "records that were lost before they reached MOP"),
          entry(Counters.RECORDS_REORDERED, "records that came late, counted as lost before"),
          entry(Counters.BYTES, "bytes that selected processes sent and received"),
          entry(Counters.BYTES_UNREAD, "bytes that no decoder was given, by what they look like"),
          entry(Counters.BYTES_LOST, "bytes that are in no record"),
          entry(Counters.BYTES_CUT, "bytes of which only the length is known, as intended"),
          entry(Counters.CONNECTIONS, "connections seen"),
          entry(Counters.CONNECTIONS_OPEN, "connections tracked now"),
          entry(Counters.CONNECTIONS_EVICTED, "connections that gave way to newer ones"),
          entry(Counters.CONNECTIONS_UNCLASSIFIED, "connections whose first records no decoder recognised"),
          entry(Counters.CONNECTIONS_LEFT, "connections that went on in another protocol"),
          entry(Counters.EDGES, "spans of connections that no decoder reads"),
          entry(Counters.EXCHANGES, "requests seen"),
          entry(Counters.EXCHANGES_COMPLETED, "requests with their response: spans"),
          entry(Counters.EXCHANGES_INCOMPLETE, "requests that ended without a span"),
          entry(Counters.EXCHANGES_DISCARDED, "requests that a decoder left out"),
          entry(Counters.EXCHANGES_IN_FLIGHT, "requests that wait for their response"),
          entry(Counters.VALUES_FOLDED, "attributes that became \"other\": too many different values"),
          entry(Counters.RESPONSES_UNMATCHED, "responses without a request"),
          entry(Counters.RESPONSES_HELD, "responses recorded before their request"),
          entry(Counters.DECODER_FAILURES, "connections on which a decoder failed"),
          entry(Counters.RESYNCS, "times that reading started anew, by what was missing"),
          entry(Counters.SINK_FAILURES, "spans that could not be handed on"),
          entry(Counters.EXCHANGES_FOLDED, "requests measured without attributes, or not at all: too many series"),
          entry(Counters.SPANS_JOINED, "spans of servers that are children of their client's span"),
          entry(Counters.SPANS_UNJOINED, "spans of servers whose client is seen, but not the request"),
          entry(Counters.SPANS_AMBIGUOUS, "spans of clients whose thread had several requests open"),
          entry(Counters.RECORDED_CONNECTIONS, "connections in the recording"),
          entry(Counters.RECORDED_BYTES, "bytes of connections in the recording"),
          entry(Counters.RECORDED_BYTES_WITHHELD, "bytes that are not in the recording, as they may be values"),
          entry(Counters.RECORDS_LEFT_OUT, "records that are not in the recording: it was full or could not be written"),
          entry(Counters.SPANS_SUPPRESSED, "spans left out, as their process makes them itself"),
          entry(Counters.STREAM_BYTES, "bytes of buffers in use"));

  private Meanings() {}

  /** Those that are not 0, under the names that {@code mop status} gives them. */
  static List<Why.Count> of(Map<String, Long> capture, Map<Counter, Long> kernel) {
    List<Why.Count> all = new ArrayList<>();
    capture.forEach((name, value) -> {
      String meaning = CAPTURE.getOrDefault(name.replaceFirst("\\{.*", ""), "");
      if (value != 0) all.add(new Why.Count("capture_" + name, value, meaning));
    });
    for (Counter c : Counter.values()) {
      long value = kernel.getOrDefault(c, 0L);
      if (value != 0) all.add(new Why.Count("kernel_" + c.key(), value, c.description()));
    }
    return all;
  }
}
