package io.mop.api.data;

import org.osgi.annotation.versioning.ProviderType;

/** Items of a logs batch. Ids as big-endian longs, 0 = none. Times in Unix nanoseconds, 0 = unknown. */
@ProviderType
public interface Logs extends Items {
  long time();

  long observedTime();

  /** OTLP {@code SeverityNumber}: 0 unspecified, 1 to 24. */
  int severity();

  Text severityText();

  /** EMPTY if the record has no body. A structured body is of type MAP or ARRAY. */
  Value body();

  long traceIdHigh();

  long traceIdLow();

  long spanId();
}
