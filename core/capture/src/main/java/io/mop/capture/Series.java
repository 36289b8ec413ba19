package io.mop.capture;

import io.mop.api.data.Text;
import io.mop.otlp.HistogramWriter;
import java.util.Arrays;
import java.util.List;

/** One histogram since it was begun, with the last span of each bucket since it was written. For the ring thread. */
final class Series {
  /** Of what is not measured. */
  static final Series NONE = new Series(new SeriesKey(), List.of(), false, 0);

  final SeriesKey key;
  private final List<Double> bounds;
  private final boolean overflow;
  private final long start;
  private final long[] counts;
  private double sum;
  /** Spans by bucket; of those that have none the span id is 0. */
  private final long[] traceHigh;
  private final long[] traceLow;
  private final long[] span;
  private final long[] time;
  private final double[] value;
  private long last;
  private boolean written;

  /**
   * @param overflow it stands for all series that are too many
   * @param start Unix nanoseconds
   */
  Series(SeriesKey key, List<Double> bounds, boolean overflow, long start) {
    this.key = key;
    this.bounds = bounds;
    this.overflow = overflow;
    this.start = start;
    int buckets = bounds.size() + 1;
    counts = new long[buckets];
    traceHigh = new long[buckets];
    traceLow = new long[buckets];
    span = new long[buckets];
    time = new long[buckets];
    value = new double[buckets];
  }

  private int bucket(double seconds) {
    int i = 0;
    while (i < bounds.size() && seconds > bounds.get(i)) i++;
    return i;
  }

  /** @param now CLOCK_MONOTONIC, for {@link #idle} */
  void add(double seconds, long now) {
    counts[bucket(seconds)]++;
    sum += seconds;
    last = now;
    written = false;
  }

  /** What was added has a span; {@code unixTime} is its end. */
  void exemplar(double seconds, Call call, long unixTime) {
    if (this == NONE) return;
    int i = bucket(seconds);
    traceHigh[i] = call.traceHigh();
    traceLow[i] = call.traceLow();
    span[i] = call.spanId;
    time[i] = unixTime;
    value[i] = seconds;
  }

  void writeTo(HistogramWriter to, long unixTime) {
    to.point(start, Math.max(start, unixTime), sum, counts, bounds);
    if (overflow) to.attribute("otel.metric.overflow", true);
    key.each(
        new SeriesKey.Values() {
          @Override
          public void text(String name, Text value) {
            to.attribute(name, value);
          }

          @Override
          public void number(String name, long value) {
            to.attribute(name, value);
          }
        });
    for (int i = 0; i < span.length; i++) {
      if (span[i] != 0) to.exemplar(time[i], value[i], traceHigh[i], traceLow[i], span[i]);
    }
    to.endPoint();
  }

  /** What was written has been taken. */
  void taken() {
    written = true;
    Arrays.fill(span, 0);
  }

  /** Whether nothing was added for so many nanoseconds, and all that was has been taken. */
  boolean idle(long now, long nanos) {
    return written && now - last >= nanos;
  }
}
