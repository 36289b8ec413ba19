package io.mop.config;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Size;
import io.mop.control.DirectMemory;
import io.mop.control.Topology;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The records of the keys that are the engine's and not a plugin's. */
final class Sections {
  private Sections() {}

  /** {@code service}. */
  record Service(
      @Key(
              doc = "Bytes of all batches held at one time; 256MiB, or half of MOP_DIRECT_MEMORY where that is less.",
              min = DirectMemory.LEAST)
          Optional<Size> memory,
      @Key(doc = "How long a stop waits for queues to drain.", value = "10s") Duration shutdownTimeout,
      @Key(doc = "Ids of extensions.") List<String> extensions,
      @Key(doc = "What receives, processes and exports what.") Map<String, Node> pipelines,
      @Key(doc = "The collector's own telemetry.") Optional<Node> telemetry) {}

  /** {@code service.pipelines.ID}. */
  record Pipeline(
      @Key(doc = "Ids of receivers.") List<String> receivers,
      @Key(doc = "Ids of processors, in order.") List<String> processors,
      @Key(doc = "Ids of exporters; each gets everything.") List<String> exporters,
      @Key(doc = "When a receiver's request is acknowledged.", value = "memory") Durability durability,
      @Key(doc = "What becomes of items when a processor is missing.", value = "refuse")
          Topology.OnMissing onMissing) {}

  enum Durability {
    MEMORY,
    EXPORT,
    DISK
  }

  /** {@code sending_queue}; the collector's names with MOP's {@code size}. */
  record SendingQueue(
      @Key(doc = "Always true: the queue is what retries.", value = "true") boolean enabled,
      @Key(doc = "Bytes held before receivers are refused; 64MiB.", min = 1) Optional<Size> size,
      @Key(doc = "The collector's name of size, with sizer bytes.", min = 1) Optional<Size> queueSize,
      @Key(doc = "What queue_size counts; MOP counts bytes.") Optional<Sizer> sizer,
      @Key(doc = "Batches in flight at one time; 4.", min = 1, max = 1000) Optional<Integer> numConsumers,
      @Key(doc = "The same as num_consumers.", min = 1, max = 1000) Optional<Integer> consumers,
      @Key(doc = "Needs the queue bundle.") Optional<String> storage,
      @Key(doc = "Without effect: a full queue refuses, retryably.") Optional<Boolean> blockOnOverflow,
      @Key(doc = "Use a pipeline's durability: export.") Optional<Boolean> waitForResult,
      @Key(doc = "How requests that wait are sent as one.") Optional<QueueBatch> batch) {
    SendingQueue {
      if (!enabled)
        throw new InvalidConfig(
            "enabled", "true: every exporter has a queue; durability: export acknowledges after delivery");
      if (waitForResult.orElse(false))
        throw new InvalidConfig("wait_for_result", "false: use durability: export of the pipeline");
      if (size.isPresent() && queueSize.isPresent())
        throw new InvalidConfig("queue_size", "size or queue_size, not both");
      if (numConsumers.isPresent() && consumers.isPresent())
        throw new InvalidConfig("consumers", "num_consumers or consumers, not both");
    }

    /** Whether {@code queue_size} says bytes: by its sizer, or by a unit. */
    boolean sizedInBytes(String written) {
      return Sections.sizedInBytes(sizer, written);
    }

    /** What the sizes of {@code batch} count, if it is said: as in the collector, else what the queue counts. */
    Optional<Sizer> batchSizer() {
      return batch.flatMap(QueueBatch::sizer).or(() -> sizer);
    }
  }

  /** Whether a size as written says bytes: by its sizer, or by a unit. */
  static boolean sizedInBytes(Optional<Sizer> sizer, String written) {
    return sizer.map(s -> s == Sizer.BYTES).orElse(written.endsWith("B"));
  }

  enum Sizer {
    REQUESTS,
    ITEMS,
    BYTES
  }

  /** {@code sending_queue.batch} of the collector. */
  record QueueBatch(
      @Key(doc = "Longest wait for min_size; 200ms.", min = 1_000_000) Optional<Duration> flushTimeout,
      @Key(doc = "Bytes a batch waits for; 0 = sent at once.") Optional<Size> minSize,
      @Key(doc = "Bytes of one batch, 1MiB; 0 = the most, 32MiB.") Optional<Size> maxSize,
      @Key(doc = "What the sizes count; MOP counts bytes.") Optional<Sizer> sizer,
      @Key(doc = "Without effect: a batch has one tenant.") Optional<Node> partition) {}

  /** {@code retry_on_failure}. */
  record Retry(
      @Key(doc = "false: one try.", value = "true") boolean enabled,
      @Key(doc = "Wait before the second try.", value = "1s", min = 1_000_000) Duration initialInterval,
      @Key(doc = "Longest wait between tries.", value = "30s", min = 1_000_000) Duration maxInterval,
      @Key(doc = "Tries end after this time; 0 = never.", value = "0s") Duration maxElapsedTime,
      @Key(doc = "Without effect.") Optional<Double> multiplier,
      @Key(doc = "Without effect.") Optional<Double> randomizationFactor) {
    Retry {
      if (initialInterval.compareTo(maxInterval) > 0)
        throw new InvalidConfig(
            "max_interval", "at least initial_interval, which is " + Scalars.duration(initialInterval.toNanos()));
    }
  }
}
