package io.mop.api.data;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Items of a traces batch. Ids as big-endian longs, as on the wire; an id of a wrong length reads as 0. Times in Unix
 * nanoseconds.
 */
@ProviderType
public interface Spans extends Items {
  long traceIdHigh();

  long traceIdLow();

  long spanId();

  /** 0 = root. */
  long parentId();

  long start();

  long end();

  /** OTLP {@code Span.SpanKind}: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  int kind();

  /** OTLP {@code Status.StatusCode}: 0 unset, 1 ok, 2 error. */
  int status();

  Text name();
}
