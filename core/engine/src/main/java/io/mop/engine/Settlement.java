package io.mop.engine;

import io.mop.api.pipeline.Receiver.Ack;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A request's acknowledgement under {@code durability: export}: given when the last batch that came of the request has
 * ended, as safe, or as refused if one of them has to come again.
 */
final class Settlement {
  /** Of requests that were acknowledged on arrival. */
  static final Settlement NONE = new Settlement(null);

  static final Duration AGAIN = Duration.ofSeconds(1);

  private final Ack ack;
  private final AtomicInteger open = new AtomicInteger(1);
  private volatile String refusal;

  Settlement(Ack ack) {
    this.ack = ack;
  }

  void retain() {
    if (ack != null) open.incrementAndGet();
  }

  /** The sender has to send again; said when the last batch has ended. */
  void refuse(String why) {
    refusal = why;
  }

  /** True if the sender still waits, so that a batch can be given back to it. */
  boolean refusable() {
    return ack != null;
  }

  void release() {
    if (ack == null || open.decrementAndGet() != 0) return;
    String why = refusal;
    if (why == null) ack.safe();
    else ack.refused(why, AGAIN);
  }
}
