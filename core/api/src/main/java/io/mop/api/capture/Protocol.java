package io.mop.api.capture;

import io.mop.api.plugin.Part;
import org.osgi.annotation.versioning.ConsumerType;

/** A wire protocol. One instance serves all connections; it is thread-safe by having no state. */
@ConsumerType
public interface Protocol extends Part {
  /**
   * Whether {@code in}, the first bytes seen of one direction, is this protocol's traffic in {@code direction}. MAYBE =
   * ask again with more bytes.
   */
  Guess sniff(Stream in, Direction direction);

  /** A decoder for one connection. */
  Decoder open(Exchanges out);

  /** Answer of {@link #sniff}. */
  enum Guess {
    NO,
    MAYBE,
    YES
  }

  /** Which way bytes flow: requests go from client to server, whoever of the two is observed. */
  enum Direction {
    REQUEST,
    RESPONSE
  }
}
