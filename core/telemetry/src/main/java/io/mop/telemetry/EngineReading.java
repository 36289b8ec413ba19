package io.mop.telemetry;

import io.mop.control.Status;
import io.mop.control.Vitals;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;

/** What the engine says of itself. */
final class EngineReading {
  private EngineReading() {}

  /** @param digests SHA-256 of a bundle's file by the bundle's id; empty = not known */
  static void read(Status status, Vitals vitals, LongFunction<String> digests, Reading into) {
    status.flows().forEach(f -> flow(f, into));
    for (Status.Component c : status.components()) {
      into.add(Metric.COMPONENT_HEALTHY, c.healthy() ? 1 : 0, "component", c.path());
    }
    for (Vitals.Queue q : vitals.queues()) {
      into.add(Metric.QUEUE_SIZE, q.bytes(), "component", q.path());
      into.add(Metric.QUEUE_CAPACITY, q.capacity(), "component", q.path());
    }
    into.add(Metric.MEMORY_USED, status.memoryUsed());
    into.add(Metric.MEMORY_LIMIT, status.memoryLimit());
    for (Status.Plugin p : status.plugins()) plugin(p, digests, into);
    into.add(Metric.CONFIG_APPLIED, vitals.applied());
    if (!vitals.config().isEmpty()) into.add(Metric.CONFIG_HASH, 1, "hash", vitals.config());
    PartCounters.read(status, vitals, into);
  }

  private static void flow(Status.Flow f, Reading into) {
    String[] of = {f.path(), f.signal().name().toLowerCase(Locale.ROOT)};
    items(of, "in", "", f.in(), into);
    items(of, "created", "", f.created(), into);
    items(of, "out", "", f.out(), into);
    items(of, "sampled_out", "", f.sampledOut(), into);
    reasons(of, "filtered", f.filtered(), into);
    reasons(of, "refused", f.refused(), into);
    reasons(of, "failed", f.failed(), into);
    into.add(Metric.COMPONENT_HELD, f.held(), "component", of[0], "signal", of[1]);
  }

  private static void reasons(String[] of, String direction, Map<String, Long> reasons, Reading into) {
    reasons.forEach((reason, items) -> items(of, direction, reason, items, into));
  }

  private static void items(String[] of, String direction, String reason, long items, Reading into) {
    into.add(
        Metric.COMPONENT_ITEMS, items, "component", of[0], "signal", of[1], "direction", direction, "reason", reason);
  }

  private static void plugin(Status.Plugin p, LongFunction<String> digests, Reading into) {
    String[] of = {"plugin", p.name(), "kind", p.kind(), "version", p.version()};
    into.add(Metric.PLUGIN_CALLS, p.calls(), of);
    into.seconds(Metric.PLUGIN_CPU, p.cpuNanos() / 1e9, of);
    into.add(Metric.PLUGIN_ALLOCATED, p.allocatedBytes(), of);
    into.add(Metric.PLUGIN_ERRORS, p.errors(), of);
    into.add(Metric.PLUGIN_QUARANTINED, p.state().equals("quarantine") ? 1 : 0, of);
    into.add(
        Metric.PLUGIN_INFO, 1, "kind", p.kind(), "name", p.name(), "version", p.version(), "bundle", p.bundle(),
        "digest", digests.apply(p.bundleId()));
  }
}
