package io.mop.api.pipeline;

import io.mop.api.data.Signal;
import io.mop.api.plugin.Part;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Brings OTLP bytes in. A receiver may be pushed to (a server), poll, or tail: one that tails keeps its position in
 * {@code Context.directory()} and advances it only when {@link Ack#safe()} was called for what lies before.
 */
@ConsumerType
public interface Receiver extends Part {
  /**
   * Called once, when its pipelines can take data.
   *
   * @throws io.mop.api.plugin.InvalidConfig if something outside stands in the way, e.g. a port in use
   */
  void start(Intake intake);

  /** Stop reading from peers (auto-read off, no more request(n)) until {@link #resume}. */
  void pause();

  void resume();

  /** The door to the receiver's pipelines; every method may be called from any thread. */
  @ProviderType
  interface Intake {
    /** True if a pipeline of this receiver carries the signal. */
    boolean carries(Signal signal);

    /**
     * Memory for one request of {@code bytes} bytes of OTLP protobuf. Never blocks.
     *
     * @param tenant empty = none
     * @throws Refused no memory or no room: tell the sender to come back
     */
    Landing reserve(Signal signal, int bytes, String tenant) throws Refused;
  }

  /** Memory being filled by a receiver: exactly one of {@link #submit} and {@link #cancel} ends it. */
  @ProviderType
  interface Landing {
    /** To be filled from position 0; what lies before the position at {@link #submit} is the request. */
    ByteBuffer buffer();

    /**
     * Checks the structure and hands over.
     *
     * @throws Malformed nothing was taken, the sender is at fault; the landing has ended
     */
    void submit(Ack ack) throws Malformed;

    void cancel();
  }

  /** Exactly one call, on any thread, when the request is as safe as the pipeline's durability says. */
  @ConsumerType
  interface Ack {
    void safe();

    /**
     * Safe but for {@code rejected} of its items, at least 1, which will never be taken: OTLP's partial success.
     *
     * @param why what is wrong with them and what was expected
     * @since 1.1
     */
    default void safe(int rejected, String why) {
      safe();
    }

    /** Not taken after all: the sender should send it again, not before {@code retryAfter}. */
    void refused(String why, Duration retryAfter);
  }

  /** No room now. */
  final class Refused extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Duration retryAfter;

    public Refused(String why, Duration retryAfter) {
      super(why, null, false, false);
      this.retryAfter = retryAfter;
    }

    public Duration retryAfter() {
      return retryAfter;
    }
  }

  /** Not OTLP: the message says where and what was expected. */
  final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    public Malformed(String message) {
      super(message, null, false, false);
    }
  }
}
