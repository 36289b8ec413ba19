package io.mop.bpf;

import io.mop.api.plugin.Context;
import java.util.EnumMap;
import java.util.Map;

/** Carries the counters of the kernel programs over to those of the receiver. For one thread at a time. */
final class CounterFeed {
  private final Probe probe;
  private final Map<Counter, Context.Counter> targets = new EnumMap<>(Counter.class);
  private final Map<Counter, Long> published = new EnumMap<>(Counter.class);
  private final Context.Counter recursion;
  private long recursionPublished;

  CounterFeed(Context context, Probe probe) {
    this.probe = probe;
    for (Counter c : Counter.values()) {
      targets.put(c, context.counter("kernel_" + c.key(), "1", c.description()));
      published.put(c, 0L);
    }
    recursion = context.counter("kernel_recursion", "1", "calls not seen because their program was running already");
  }

  /** As published last. */
  Map<Counter, Long> published() {
    return Map.copyOf(published);
  }

  void publish() {
    probe.counters().forEach((c, now) -> targets.get(c).add(now - published.put(c, now)));
    long misses = probe.recursionMisses();
    recursion.add(misses - recursionPublished);
    recursionPublished = misses;
  }
}
