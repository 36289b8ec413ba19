package io.mop.api.data;

/** The three kinds of telemetry; an item is a span, a data point or a log record. */
public enum Signal {
  TRACES,
  METRICS,
  LOGS
}
