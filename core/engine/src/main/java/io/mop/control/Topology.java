package io.mop.control;

import io.mop.api.data.Signal;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Size;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the engine runs, as mop.yaml says it. Every id that a pipeline names is among the components.
 *
 * @param memory bound on the bytes of all batches held at one time
 * @param shutdown how long a stop waits for queues to drain
 * @param hash SHA-256 in hex of the files it was read from; empty = it was not read from any
 */
public record Topology(
    List<Component> components, List<Pipeline> pipelines, Size memory, Duration shutdown, String hash) {
  public Topology(List<Component> components, List<Pipeline> pipelines, Size memory, Duration shutdown) {
    this(components, pipelines, memory, shutdown, "");
  }

  public Topology withHash(String of) {
    return new Topology(components, pipelines, memory, shutdown, of);
  }

  /**
   * @param id as in mop.yaml, {@code type} or {@code type/name}, e.g. {@code otlp/tempo}
   * @param type name of the plugin, aliases resolved
   * @param where {@code file:line} of its key
   * @param queue of an exporter, else empty
   */
  public record Component(
      Kind kind, String id, String type, String where, Binding binding, Optional<Queue> queue) {
    /** As in the ledger, status and errors, e.g. {@code exporters.otlp/tempo}. */
    public String path() {
      return switch (kind) {
        case RECEIVER -> "receivers.";
        case PROCESSOR -> "processors.";
        case EXPORTER -> "exporters.";
        case PROTOCOL -> "protocols.";
      } + id;
    }
  }

  /** @param id e.g. {@code traces/eu} */
  public record Pipeline(
      String id,
      Signal signal,
      List<String> receivers,
      List<String> processors,
      List<String> exporters,
      Durability durability,
      OnMissing onMissing) {}

  /** When a receiver's request is acknowledged. */
  public enum Durability {
    /** When MOP holds it in memory: a crash loses what is held. */
    MEMORY,
    /** When every exporter of the pipeline has delivered it or said that it never will. */
    EXPORT
  }

  /** What becomes of items when a processor of the pipeline is missing or was tripped. */
  public enum OnMissing {
    /** Receivers refuse, retryably, until it is back. */
    REFUSE,
    /** The items go on without it. */
    BYPASS
  }

  /**
   * An exporter's {@code sending_queue} and {@code retry_on_failure}.
   *
   * @param size bytes held before receivers are refused
   * @param consumers batches in flight at one time, 1 to 1,000
   * @param maxElapsed tries end after this time and the items count as failed; zero = never
   */
  public record Queue(
      Size size, int consumers, Duration initialInterval, Duration maxInterval, Duration maxElapsed, Batch batch) {
    public static final Queue DEFAULT =
        new Queue(new Size(64 << 20), 4, Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ZERO);

    /** With {@link Batch#DEFAULT}. */
    public Queue(Size size, int consumers, Duration initialInterval, Duration maxInterval, Duration maxElapsed) {
      this(size, consumers, initialInterval, maxInterval, maxElapsed, Batch.DEFAULT);
    }
  }

  /**
   * How requests of one signal and tenant that wait are sent as one. A request is never split: one larger than {@code
   * maxSize} is sent as it is.
   *
   * @param flushTimeout no request waits longer for others, as long as the exporter takes it
   * @param minSize bytes that are waited for; 0 = send at once what there is
   * @param maxSize bytes of one batch, at least {@code minSize}, at most {@link #LARGEST}
   */
  public record Batch(Duration flushTimeout, Size minSize, Size maxSize) {
    /** Bytes that a batch can have. */
    public static final int LARGEST = 32 << 20;

    public static final Batch DEFAULT = new Batch(Duration.ofMillis(200), new Size(0), new Size(1 << 20));

    public Batch {
      if (minSize.bytes() > maxSize.bytes() || maxSize.bytes() > LARGEST)
        throw new IllegalArgumentException("batches of " + minSize + " to " + maxSize);
    }
  }
}
