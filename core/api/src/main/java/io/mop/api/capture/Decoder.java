package io.mop.api.capture;

import io.mop.api.capture.Protocol.Direction;
import org.osgi.annotation.versioning.ConsumerType;

/** One connection. The capture core buffers, bounds, times, pairs and counts; a decoder only finds messages. */
@ConsumerType
public interface Decoder {
  /**
   * Consumes what it can from {@code in}. Returning with bytes left means: more is needed; it is called again from the
   * same position with more bytes. Reading a byte that was cut throws {@link Stream.Gap}, which the decoder lets pass;
   * skipping cut bytes does not. Reads never cross a loss.
   */
  void decode(Direction direction, Stream in) throws Stream.Gap;

  /**
   * After a loss or a mid-stream start: forgets what it knew of the direction, moves to the next sure message start and
   * returns true, or consumes what cannot be one and returns false = need more. At a loss it is called at once for both
   * directions, the request's first, without bytes; then again as bytes arrive, until it returns true. A decoder also
   * asks for it, by throwing {@link Stream.Gap}, when it reads what its protocol does not allow.
   */
  boolean resync(Direction direction, Stream in);

  /** The peer has closed this direction at {@code time}: ends a message that lasts until close. */
  default void end(Direction direction, long time) {}
}
