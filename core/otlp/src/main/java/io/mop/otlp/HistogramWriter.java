package io.mop.otlp;

import io.mop.api.data.Text;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Builds one metrics request of one resource and scope, whose metrics are cumulative histograms with explicit bounds:
 * {@code begin}, then for each point {@code point}, its attributes and exemplars, {@code endPoint}; then {@code end}.
 * Not thread-safe. What is not UTF-8 in a text becomes U+FFFD.
 */
public final class HistogramWriter {
  private static final int CUMULATIVE = 2;
  private static final int NONE = -1;

  private final Envelope envelope;
  private final GrowingBytes metrics = new GrowingBytes(SpanWriter.LIMIT);
  private final AttributeWriter attributes = new AttributeWriter(metrics);
  /** Where the bodies of what is open begin. */
  private int metric = NONE;
  private int histogram;
  private int point = NONE;

  /**
   * @param resource body of an OTLP Resource message, e.g. from {@link SpanWriter#resource}
   * @param scopeName empty = none
   * @param scopeVersion empty = none
   */
  public HistogramWriter(byte[] resource, String scopeName, String scopeVersion) {
    envelope = new Envelope(resource, scopeName, scopeVersion);
  }

  /** Begins a metric. */
  public void begin(String name, String unit) {
    require(metric == NONE, "begin of a metric in a metric");
    metric = metrics.size();
    metrics.addField(0x0A, name.getBytes(StandardCharsets.UTF_8));
    metrics.addField(0x1A, unit.getBytes(StandardCharsets.UTF_8));
    histogram = metrics.size();
  }

  /**
   * Begins a point of the open metric. Times in Unix nanoseconds.
   *
   * @param counts one more than {@code bounds}: each up to and with its bound, the last above all
   */
  public void point(long startUnixNano, long timeUnixNano, double sum, long[] counts, List<Double> bounds) {
    require(metric != NONE && point == NONE, "a point outside a metric or in a point");
    if (counts.length != bounds.size() + 1) {
      throw new IllegalArgumentException(counts.length + " counts; expected " + (bounds.size() + 1));
    }
    long count = 0;
    for (long n : counts) count += n;
    point = metrics.size();
    fixed(0x11, startUnixNano);
    fixed(0x19, timeUnixNano);
    fixed(0x21, count);
    fixed(0x29, Double.doubleToRawLongBits(sum));
    packed(0x32, counts.length);
    for (long n : counts) metrics.addFixed64(n);
    packed(0x3A, bounds.size());
    for (double bound : bounds) metrics.addFixed64(Double.doubleToRawLongBits(bound));
  }

  private void fixed(int tag, long value) {
    metrics.addByte(tag);
    metrics.addFixed64(value);
  }

  private void packed(int tag, int numbers) {
    metrics.addByte(tag);
    metrics.addVarint(numbers * 8L);
  }

  /** Adds a text attribute to the open point. */
  public void attribute(String key, Text value) {
    requirePoint();
    attributes.add(key, value);
  }

  /** Adds an integer attribute to the open point. */
  public void attribute(String key, long value) {
    requirePoint();
    attributes.add(key, value);
  }

  /** Adds a boolean attribute to the open point. */
  public void attribute(String key, boolean value) {
    requirePoint();
    attributes.add(key, value);
  }

  /** Adds a measured value and the span that it is of to the open point. */
  public void exemplar(long timeUnixNano, double value, long traceHi, long traceLo, long spanId) {
    requirePoint();
    int start = metrics.size();
    fixed(0x11, timeUnixNano);
    fixed(0x19, Double.doubleToRawLongBits(value));
    metrics.addByte(0x22);
    metrics.addByte(8);
    metrics.addId(spanId);
    metrics.addByte(0x2A);
    metrics.addByte(16);
    metrics.addId(traceHi);
    metrics.addId(traceLo);
    metrics.wrap(start, 0x42);
  }

  /** Ends the open point. */
  public void endPoint() {
    requirePoint();
    metrics.wrap(point, 0x0A);
    point = NONE;
  }

  /** Ends the open metric. */
  public void end() {
    require(metric != NONE && point == NONE, "end outside a metric or in a point");
    metrics.addByte(0x10);
    metrics.addByte(CUMULATIVE);
    metrics.wrap(histogram, 0x4A);
    metrics.wrap(metric, 0x12);
    metric = NONE;
  }

  /** Bytes of the request. */
  public int size() {
    return envelope.size(metrics.size());
  }

  /**
   * Writes the request from the target's position on.
   *
   * @throws java.nio.BufferOverflowException if fewer than {@link #size} bytes remain; nothing is written then
   * @throws IllegalStateException if a metric is open
   */
  public void writeTo(ByteBuffer target) {
    require(metric == NONE, "a metric is open");
    envelope.writeTo(target, metrics);
  }

  private void requirePoint() {
    require(point != NONE, "no point is open");
  }

  private static void require(boolean right, String wrong) {
    if (!right) throw new IllegalStateException(wrong);
  }
}
