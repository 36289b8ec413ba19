package io.mop.capture;

import io.mop.api.data.Text;

/**
 * Where finished spans go. Calls come from the ring thread, one span after the other: {@code begin}, {@code name},
 * attributes (each name once), {@code status} if it is not unset, {@code end}; then {@link #flush} once a drain. A sink
 * that throws loses the span, counted.
 */
public interface SpanSink {
  /** Span kind INTERNAL of OTLP. */
  int INTERNAL = 1;
  /** Span kind SERVER of OTLP. */
  int SERVER = 2;
  /** Span kind CLIENT of OTLP. */
  int CLIENT = 3;
  /** Status code ERROR of OTLP. */
  int ERROR = 2;

  /** Whether spans go anywhere: if not, none is started. */
  default boolean wanted() {
    return true;
  }

  /**
   * Starts a span.
   *
   * @param process whose span it is; the same object for all spans of one process
   * @param parentId 0 if it has no parent
   * @param kind {@link #SERVER}, {@link #CLIENT} or {@link #INTERNAL}
   * @param start Unix nanoseconds
   * @param end Unix nanoseconds, not before {@code start}
   */
  void begin(
      Resource process, long traceHigh, long traceLow, long spanId, long parentId, int kind, long start, long end);

  void name(Text name);

  void attribute(String name, Text value);

  void attribute(String name, long value);

  void attribute(String name, boolean value);

  /** {@link #ERROR}. */
  void status(int code);

  void end();

  /** All spans of a drain were given: hand them on. */
  void flush();
}
