package io.mop.api.plugin;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Opaque, versioned bytes: nothing but JDK types and engine-owned memory crosses from one bundle version to the next.
 */
@ProviderType
public interface StateWriter {
  /** Names the format as {@code name/major}, once and first: a successor reads its own major and the one before. */
  void format(String format);

  void writeLong(long value);

  void writeBytes(byte[] bytes);
}
