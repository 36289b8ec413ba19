package io.mop.api.plugin;

import org.osgi.annotation.versioning.ProviderType;

/** Reads what a {@link StateWriter} wrote, in writing order. */
@ProviderType
public interface StateReader {
  /** {@code name/major} of the writer; empty when the predecessor saved nothing. */
  String format();

  /** @throws InvalidState if the next value is not a long or the state ends */
  long readLong() throws InvalidState;

  /** @throws InvalidState if the next value is not bytes or the state ends */
  byte[] readBytes() throws InvalidState;
}
