package io.mop.capture;

import io.mop.api.capture.Measure;
import io.mop.capture.Counters.Plain;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;

/**
 * How long exchanges took, by process and attributes, from all that were completed, whether they have a span or not.
 * Allocates only when a series is first seen, and when series are written. For the ring thread.
 */
final class Measures {
  /** Beyond these a process has one more for each measure, for all that come later; of these are as many at most. */
  static final int SERIES = 2000;
  private static final long IDLE = Duration.ofMinutes(5).toNanos();

  private final LongUnaryOperator unixTime;
  private final Counters counters;
  private final Map<SeriesKey, Series> series = new HashMap<>();
  private final SeriesKey key = new SeriesKey();
  private Optional<MetricBatches> batches = Optional.empty();
  private boolean on;
  private long interval;
  /** The latest time that is known, and when to write next; CLOCK_MONOTONIC. */
  private long now = Long.MIN_VALUE;
  private long next = Long.MAX_VALUE;

  Measures(LongUnaryOperator unixTime, Counters counters) {
    this.unixTime = unixTime;
    this.counters = counters;
  }

  /** Where to write the series, once an interval. */
  void to(MetricBatches batches, Duration interval) {
    this.batches = Optional.of(batches);
    this.interval = interval.toNanos();
    on = batches.wanted();
  }

  /** Takes an exchange that is complete; {@link Series#NONE} if it is not measured. */
  Series add(Connection c, SpanData data, long begin, long end) {
    Optional<Measure> measure = c.site().measure();
    if (!on || measure.isEmpty()) return Series.NONE;
    now = Math.max(now, end);
    Series s = find(c, data, measure.get(), begin);
    if (s != Series.NONE) s.add(seconds(begin, end), end);
    return s;
  }

  static double seconds(long begin, long end) {
    return Math.max(0, end - begin) / 1e9;
  }

  private Series find(Connection c, SpanData data, Measure measure, long begin) {
    key.begin(c.resource(), measure);
    List<String> attributes = measure.attributes();
    for (int i = 0; i < attributes.size(); i++) value(attributes.get(i), c, data);
    Series s = series.get(key);
    if (s != null) return s;
    boolean overflow = series.size() >= SERIES;
    if (overflow) {
      counters.add(Plain.EXCHANGES_FOLDED, 1);
      key.begin(c.resource(), measure);
      s = series.get(key);
      if (s != null) return s;
      if (series.size() >= 2 * SERIES) return Series.NONE;
    }
    s = new Series(key.copy(), measure.bounds(), overflow, unixTime.applyAsLong(begin));
    series.put(s.key, s);
    return s;
  }

  private void value(String name, Connection c, SpanData data) {
    Endpoint server = c.ends().server(c.server());
    if (data.has(name)) data.value(name, key);
    else if (name.equals(Spans.ERROR_TYPE) && data.failed) key.add(data.error);
    else if (name.equals(Spans.SERVER_ADDRESS) && server.known()) key.add(server.address());
    else if (name.equals(Spans.SERVER_PORT) && server.known()) key.add(server.port());
    else key.add(SeriesKey.ABSENT);
  }

  /** The ring was read to its end. */
  void drained(long monotonicNanos) {
    if (batches.isEmpty()) return;
    now = Math.max(now, monotonicNanos);
    if (next == Long.MAX_VALUE) next = now + interval;
    if (now - next < 0) return;
    next = now + interval;
    write();
    on = batches.get().wanted();
  }

  /** Writes the series a last time. */
  void close() {
    if (batches.isPresent()) write();
  }

  private void write() {
    if (!batches.get().wanted()) {
      series.clear();
      return;
    }
    Map<Resource, List<Series>> byProcess =
        series.values().stream().collect(Collectors.groupingBy(s -> s.key.process()));
    byProcess.forEach((process, of) -> {
      if (batches.get().write(process, of, unixTime.applyAsLong(now))) of.forEach(Series::taken);
    });
    series.values().removeIf(s -> s.idle(now, IDLE));
  }
}
