package io.mop.control;

import io.mop.api.data.Signal;
import java.util.List;
import java.util.Map;

/**
 * A reading of the engine.
 *
 * @param state {@code idle}, {@code running} or {@code stopping}
 * @param memoryUsed bytes of all batches held
 */
public record Status(
    String state, long uptimeMillis, long memoryUsed, long memoryLimit, List<Component> components, List<Plugin> plugins, List<Flow> flows) {

  /**
   * One installed version of a plugin and what its calls have cost since it was installed.
   *
   * @param state {@code active} (in use), {@code available} (the best version, not in use), {@code standby} (an older
   *     version) or {@code quarantine}
   * @param reason of the quarantine
   * @param cpuNanos CPU time, extrapolated from every 8th call
   * @param allocatedBytes allocated on the heap
   */
  public record Plugin(
      String kind,
      String name,
      String version,
      String bundle,
      long bundleId,
      String state,
      String reason,
      long calls,
      long cpuNanos,
      long allocatedBytes,
      long errors) {}

  /** @param since Unix milliseconds of the last change of {@code healthy} */
  public record Component(
      String path, String plugin, String version, boolean healthy, String reason, long since) {}

  /**
   * The books of one component and signal, in items: {@code in + created = out + sampledOut + sum(filtered) +
   * sum(refused) + sum(failed) + held}. For a receiver {@code in} is what it was offered; for an exporter {@code out}
   * is what was delivered.
   */
  public record Flow(
      String path,
      Signal signal,
      long in,
      long created,
      long out,
      long sampledOut,
      Map<String, Long> filtered,
      Map<String, Long> refused,
      Map<String, Long> failed,
      long held) {
    /** 0 = the books balance. */
    public long difference() {
      return in + created - out - sampledOut - sum(filtered) - sum(refused) - sum(failed) - held;
    }

    private static long sum(Map<String, Long> reasons) {
      return reasons.values().stream().mapToLong(Long::longValue).sum();
    }
  }
}
