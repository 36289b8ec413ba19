package io.mop.api.data;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Items of a metrics batch: data points, each with the metric it belongs to. Times in Unix nanoseconds. A point without
 * a data point of its own (an empty metric) is no item.
 */
@ProviderType
public interface Points extends Items {
  /** Kind of the metric, in the order of OTLP's {@code Metric.data}. */
  enum Type {
    GAUGE,
    SUM,
    HISTOGRAM,
    EXPONENTIAL_HISTOGRAM,
    SUMMARY
  }

  /** Name of the metric. */
  Text name();

  /** UCUM unit of the metric; empty if it has none. */
  Text unit();

  Type type();

  /** OTLP {@code AggregationTemporality}: 0 unspecified, 1 delta, 2 cumulative; 0 for gauges and summaries. */
  int temporality();

  /** Of a sum: it never goes down. */
  boolean monotonic();

  /** 0 = unknown. */
  long start();

  long time();

  /** True if the value of a gauge or sum was written as an integer. */
  boolean isInteger();

  /** Value of a gauge or sum. @throws IllegalStateException unless {@link #isInteger()} */
  long integer();

  /** Value of a gauge or sum. @throws IllegalStateException if it is an integer, or the type has no single value */
  double real();

  /** Number of values in a histogram or summary; 0 for gauges and sums. */
  long count();

  /** Sum of the values in a histogram or summary; 0 if absent. */
  double sum();
}
