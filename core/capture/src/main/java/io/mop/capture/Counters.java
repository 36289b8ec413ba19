package io.mop.capture;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What capture did since it started. Written by the ring thread, readable by any. At the end of a drain
 * {@code exchanges = exchanges_completed + Σ exchanges_incomplete + Σ exchanges_discarded + exchanges_in_flight}.
 */
public final class Counters {
  /** Records taken, of every kind. */
  public static final String RECORDS = "records";
  /** Records whose header makes no sense; ignored. */
  public static final String RECORDS_INVALID = "records_invalid";
  /** Holes in the sequence of a connection: records that were dropped before they reached this process. */
  public static final String RECORDS_LOST = "records_lost";
  /** Records that came after one with a higher number; they were counted as lost before. */
  public static final String RECORDS_REORDERED = "records_reordered";
  /** Bytes between the positions of two records of one direction: passed, but in no record. */
  public static final String BYTES_LOST = "bytes_lost";
  /** Bytes whose length is known and whose value was not captured. */
  public static final String BYTES_CUT = "bytes_cut";
  /** Bytes of records of data, whether captured or not. */
  public static final String BYTES = "bytes";
  /** Those of them that no decoder was given, by what their connection was recognised as or was read as before. */
  public static final String BYTES_UNREAD = "bytes_unread";
  /** Connections seen. */
  public static final String CONNECTIONS = "connections";
  /** Connections tracked now. */
  public static final String CONNECTIONS_OPEN = "connections_open";
  /** Connections that gave way to newer ones. */
  public static final String CONNECTIONS_EVICTED = "connections_evicted";
  /** Connections of which no protocol recognised a message in their first records. */
  public static final String CONNECTIONS_UNCLASSIFIED = "connections_unclassified";
  /** Connections that went on in another protocol, by the decoder's reason. */
  public static final String CONNECTIONS_LEFT = "connections_left";
  /** Edges: tales of connections that no decoder has read, by what they were recognised as. */
  public static final String EDGES = "edges";
  /** Requests seen. */
  public static final String EXCHANGES = "exchanges";
  /** Exchanges that became spans, or would have but for {@link #SPANS_SUPPRESSED}. */
  public static final String EXCHANGES_COMPLETED = "exchanges_completed";
  /** Exchanges that ended without a span, by reason (constants of this class). */
  public static final String EXCHANGES_INCOMPLETE = "exchanges_incomplete";
  /** Exchanges a decoder ended without a span, by the decoder's reason. */
  public static final String EXCHANGES_DISCARDED = "exchanges_discarded";
  /** Values of attributes that became {@code other}, by attribute: their service has too many different ones. */
  public static final String VALUES_FOLDED = "values_folded";
  /** Exchanges measured without their attributes, or not at all, as there are too many series. */
  public static final String EXCHANGES_FOLDED = "exchanges_folded";
  /** Exchanges open now. */
  public static final String EXCHANGES_IN_FLIGHT = "exchanges_in_flight";
  /** Responses without a request; not counted before the first request seen or after a loss. */
  public static final String RESPONSES_UNMATCHED = "responses_unmatched";
  /** Responses recorded before their request, held back for it. */
  public static final String RESPONSES_HELD = "responses_held";
  /** Exceptions of a decoder, by protocol. */
  public static final String DECODER_FAILURES = "decoder_failures";
  /** Times a connection had to find the next message start, by reason. */
  public static final String RESYNCS = "resyncs";
  /** Spans the sink threw at; they are also counted as completed. */
  public static final String SINK_FAILURES = "sink_failures";
  /** Completed exchanges without a span, as their process has an SDK that makes one. */
  public static final String SPANS_SUPPRESSED = "spans_suppressed";
  /** Spans of servers whose parent is the span of the client, which is seen too. */
  public static final String SPANS_JOINED = "spans_joined";
  /** Spans of servers whose client is seen too, but not the request. */
  public static final String SPANS_UNJOINED = "spans_unjoined";
  /** Spans of clients whose thread had several requests open: it is not known for which of them. */
  public static final String SPANS_AMBIGUOUS = "spans_ambiguous";
  /** Connections in the recording. */
  public static final String RECORDED_CONNECTIONS = "recorded_connections";
  /** Bytes of connections in the recording. */
  public static final String RECORDED_BYTES = "recorded_bytes";
  /** Bytes of connections in the recording that are not in it, as nothing could tell which of them are values. */
  public static final String RECORDED_BYTES_WITHHELD = "recorded_bytes_withheld";
  /** Records that are not in the recording, as it was full or could not be written. */
  public static final String RECORDS_LEFT_OUT = "records_left_out";
  /** Unread bytes held now, by size of the buffers. */
  public static final String STREAM_BYTES = "stream_bytes";

  /** Reason: a record was dropped, a hole in the sequence. */
  public static final String RECORD_LOST = "record_lost";
  /** Reason: bytes passed that were in no record (splice, another process on the socket). */
  public static final String BYTES_MISSING = "bytes_missing";
  /** Reason: the decoder needed a byte that was cut, or could not follow. */
  public static final String CUT = "cut";
  /** Reason: more unread bytes than the limits allow. */
  public static final String STREAM_FULL = "stream_full";
  /** Reason: begun after a loss, before it was sure which response belongs to it. */
  public static final String UNSYNCHRONISED = "unsynchronised";
  /** Reason: more exchanges open than the limits allow; the oldest went. */
  public static final String EVICTED = "evicted";
  /** Reason: the same id was used again before the response. */
  public static final String ID_REUSED = "id_reused";
  /** Reason: the connection was closed. */
  public static final String CONNECTION_CLOSED = "connection_closed";
  /** Reason: the connection gave way to a newer one. */
  public static final String CONNECTION_EVICTED = "connection_evicted";
  /** Reason: the connection went on in another protocol. */
  public static final String LEFT = "left";
  /** Reason: the protocol was replaced or removed. */
  public static final String PROTOCOL_REPLACED = "protocol_replaced";
  /** Reason: the decoder threw. */
  public static final String DECODER_FAILED = "decoder_failed";
  /** Reason: capture was stopped. */
  public static final String STOPPED = "stopped";
  /** Reason given by a decoder that is not {@code [a-z0-9_.]{1,40}}, or one too many. */
  public static final String OTHER = "other";

  private static final int MAX_REASONS = 256;
  /** The counters without reasons; in lower case they are the names above. */
  enum Plain {
    RECORDS,
    RECORDS_INVALID,
    RECORDS_LOST,
    RECORDS_REORDERED,
    BYTES,
    BYTES_LOST,
    BYTES_CUT,
    CONNECTIONS,
    CONNECTIONS_OPEN,
    CONNECTIONS_EVICTED,
    CONNECTIONS_UNCLASSIFIED,
    EXCHANGES,
    EXCHANGES_COMPLETED,
    EXCHANGES_FOLDED,
    EXCHANGES_IN_FLIGHT,
    RESPONSES_UNMATCHED,
    RESPONSES_HELD,
    SINK_FAILURES,
    SPANS_SUPPRESSED,
    SPANS_JOINED,
    SPANS_UNJOINED,
    SPANS_AMBIGUOUS,
    RECORDED_CONNECTIONS,
    RECORDED_BYTES,
    RECORDED_BYTES_WITHHELD,
    RECORDS_LEFT_OUT,
    STREAM_BYTES;

    final String key = name().toLowerCase(Locale.ROOT);
  }

  private static final Plain[] PLAIN = Plain.values();

  private final AtomicLongArray plain = new AtomicLongArray(PLAIN.length);
  private final Map<String, Map<String, AtomicLong>> byReason = new ConcurrentHashMap<>();

  Counters() {
    for (String name :
        new String[] {
          BYTES_UNREAD, EDGES, EXCHANGES_INCOMPLETE, EXCHANGES_DISCARDED, CONNECTIONS_LEFT, DECODER_FAILURES, RESYNCS,
          VALUES_FOLDED
        }) {
      byReason.put(name, new ConcurrentHashMap<>());
    }
  }

  void add(Plain counter, long n) {
    plain.lazySet(counter.ordinal(), plain.get(counter.ordinal()) + n);
  }

  /** @param unread why no decoder was given the bytes; empty if one was */
  void passed(long bytes, String unread) {
    add(Plain.BYTES, bytes);
    if (!unread.isEmpty()) add(BYTES_UNREAD, unread, bytes);
  }

  void set(Plain gauge, long value) {
    plain.lazySet(gauge.ordinal(), value);
  }

  /** Answers the value for the reason after it. */
  long add(String name, String reason) {
    return add(name, reason, 1);
  }

  long add(String name, String reason, long more) {
    Map<String, AtomicLong> reasons = byReason.get(name);
    AtomicLong n = reasons.get(reason);
    if (n == null) {
      String key = reasons.size() < MAX_REASONS && sane(reason) ? reason : OTHER;
      n = reasons.computeIfAbsent(key, k -> new AtomicLong());
    }
    return n.addAndGet(more);
  }

  private static boolean sane(String reason) {
    int n = reason.length();
    for (int i = 0; i < n; i++) {
      char c = reason.charAt(i);
      if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '.')) return false;
    }
    return n > 0 && n <= 40;
  }

  /**
   * Value of a counter; of one with reasons the sum.
   *
   * @throws IllegalArgumentException if there is no such counter
   */
  public long get(String name) {
    for (Plain p : PLAIN) if (p.key.equals(name)) return plain.get(p.ordinal());
    return reasons(name).values().stream().mapToLong(AtomicLong::get).sum();
  }

  /**
   * Value of a counter for one reason.
   *
   * @throws IllegalArgumentException if there is no such counter with reasons
   */
  public long get(String name, String reason) {
    AtomicLong n = reasons(name).get(reason);
    return n == null ? 0 : n.get();
  }

  /**
   * Values of a counter by reason.
   *
   * @throws IllegalArgumentException if there is no such counter with reasons
   */
  public Map<String, Long> byReason(String name) {
    Map<String, Long> all = new TreeMap<>();
    reasons(name).forEach((reason, n) -> all.put(reason, n.get()));
    return all;
  }

  private Map<String, AtomicLong> reasons(String name) {
    Map<String, AtomicLong> reasons = byReason.get(name);
    if (reasons == null) throw new IllegalArgumentException("no counter '" + name + "' with reasons");
    return reasons;
  }

  /** All counters, sorted: {@code name} or {@code name{reason}}. */
  public Map<String, Long> snapshot() {
    Map<String, Long> all = new TreeMap<>();
    for (Plain p : PLAIN) all.put(p.key, plain.get(p.ordinal()));
    byReason.forEach((name, reasons) -> reasons.forEach((r, n) -> all.put(name + "{" + r + "}", n.get())));
    return all;
  }
}
