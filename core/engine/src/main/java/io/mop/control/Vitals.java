package io.mop.control;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What monitoring asks of the engine beside {@link Status}; cheap enough for every probe of an orchestrator.
 *
 * @param sinceBeat time since the control thread last did its periodic work, about a second while it is well
 * @param config SHA-256 of the configuration that runs, in hex; empty = none runs, or it did not come from a file
 * @param applied configurations that were taken since the start
 * @param memoryFree bytes that batches may still take
 * @param closed why pipelines or receivers take nothing now, one sentence each; empty = all take
 * @param queues one of each exporter that a pipeline names
 * @param counters what the counters of {@link Status#counters} are, by the same keys
 */
public record Vitals(
    Duration sinceBeat,
    String config,
    long applied,
    long memoryFree,
    List<String> closed,
    List<Queue> queues,
    Map<String, Described> counters) {
  /** Of an engine that has none. */
  public static final Vitals NONE = new Vitals(Duration.ZERO, "", 0, 0, List.of(), List.of(), Map.of());

  /**
   * A sending queue.
   *
   * @param path of the exporter, e.g. {@code exporters.otlp/tempo}
   * @param bytes held, waiting or being sent
   * @param capacity bytes above which receivers are refused
   */
  public record Queue(String path, long bytes, long capacity) {}

  /** @param unit in UCUM, e.g. {@code By} or <code>{record}</code> */
  public record Described(String unit, String description) {}
}
