package io.mop.api.capture;

import io.mop.api.capture.Protocol.Direction;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Finds the values in what passes on one connection, so that it can be recorded without them. It sees both directions
 * from where the protocol was recognised, without a loss; at a loss it is over.
 *
 * @since 1.2
 */
@ConsumerType
public interface Masker {
  /**
   * Consumes whole messages or parts of them, as far as it is sure what of them are values, and tells those first. What
   * is not told is kept, so that a message has its structure still. Returning with bytes left means: more is needed, of
   * this direction or of the other; it is called again. What it has not consumed at the end, or when it throws, is not
   * recorded, and nothing that follows on the connection.
   *
   * @throws Stream.Gap if a byte is needed that was cut, or the bytes cannot be followed
   */
  void mask(Direction direction, Stream in, Values out) throws Stream.Gap;

  /** Where it says what values are. */
  @ProviderType
  interface Values {
    /**
     * Unread bytes {@code from} (inclusive) to {@code to} (exclusive) are of a value: each is replaced by {@code with}.
     * Of the value its length is all that stays.
     */
    void mask(int from, int to, char with);
  }
}
