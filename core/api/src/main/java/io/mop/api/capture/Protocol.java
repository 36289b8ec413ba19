package io.mop.api.capture;

import io.mop.api.plugin.Part;
import java.util.Optional;
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

  /**
   * Which bytes of messages its decoders need. A pure answer, asked once a connection.
   *
   * @since 1.1
   */
  default Window window() {
    return Window.ALL;
  }

  /**
   * The classifier for the kernel that knows which bytes of long messages its decoders need; absent: all are captured,
   * as far as capture's own limits allow. A pure answer, asked once for as long as the protocol is in use.
   *
   * @since 1.3
   */
  default Optional<Classifier> classifier() {
    return Optional.empty();
  }

  /**
   * How exchanges are measured, at the server or at the client; empty = not at all. A pure answer, asked once a
   * connection.
   *
   * @since 1.2
   */
  default Optional<Measure> measure(boolean server) {
    return Optional.empty();
  }

  /**
   * Finds the values on one connection; absent: of its bytes none may be recorded, unless unmasked.
   *
   * @since 1.2
   */
  default Optional<Masker> masker() {
    return Optional.empty();
  }

  /**
   * Which bytes of messages are captured, as far as capture's own limits allow.
   *
   * @since 1.1
   */
  enum Window {
    /** All. */
    ALL,
    /**
     * The first 4096 of a request and 1024 of a response when the sides have just taken turns, and 64 of each further
     * system call: enough where what follows a head is skipped by its length, and cheaper. A connection whose decoder
     * meets a cut byte that it needs gets all from then on.
     */
    HEADS
  }

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
