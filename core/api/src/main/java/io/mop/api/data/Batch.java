package io.mop.api.data;

import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ProviderType;

/** One OTLP export request as received or written, immutable. Valid until the call, or its {@code Outcome}, ends. */
@ProviderType
public interface Batch {
  Signal signal();

  /** Number of spans, data points or log records. */
  int items();

  /** Tenant it came in under; empty = none. */
  String tenant();

  /** A new read-only view of the wire bytes, position 0 to limit. */
  ByteBuffer wire();

  /** A new cursor before the first item; traces give {@link Spans}. Sees the fields its part declared. */
  Items read();
}
