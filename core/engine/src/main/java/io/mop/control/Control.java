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

  /**
   * The same, and says what has changed.
   *
   * @param discardState processors whose configuration changed start without the state of the one before
   */
  default Changes apply(Topology topology, boolean discardState) throws ConfigError {
    apply(topology);
    return Changes.NONE;
  }

  /** Adds 1 to a counter of a core service, as {@link Status#counters} shows it. */
  default void count(String component, String name) {}

  /** Returns when everything that plugin changes so far have caused is done: taken over, or refused. */
  void settle();

  /** The next swap of the component's plugin starts without the predecessor's state. */
  void discardState(String path);

  Status status();

  /** What monitoring asks beside {@link #status}. */
  default Vitals vitals() {
    return Vitals.NONE;
  }

  /** Samples of what flows. */
  default Tap tap() {
    throw new UnsupportedOperationException("this engine gives no samples");
  }

  /**
   * Stops receivers, drains, stops exporters. What could not be delivered within {@code limit} is counted as failed.
   */
  void stop(Duration limit);
}
