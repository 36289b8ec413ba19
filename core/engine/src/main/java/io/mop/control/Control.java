package io.mop.control;

import java.time.Duration;

/** The engine; a service. */
public interface Control {
  /**
   * Runs {@code topology}: makes every part first, then publishes. What a running topology has unchanged keeps running.
   *
   * @throws ConfigError nothing was changed
   */
  void apply(Topology topology) throws ConfigError;

  /** Returns when everything that plugin changes so far have caused is done: taken over, or refused. */
  void settle();

  /** The next swap of the component's plugin starts without the predecessor's state. */
  void discardState(String path);

  Status status();

  /** Samples of what flows. */
  default Tap tap() {
    throw new UnsupportedOperationException("this engine gives no samples");
  }

  /** Stops receivers, drains, stops exporters. What could not be delivered within {@code limit} is counted as failed. */
  void stop(Duration limit);
}
