package io.mop.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** Everything MOP says of itself at one moment; values of equal attributes are added up. */
final class Reading {
  private final Map<String, Map<Attributes, Double>> fractions = new LinkedHashMap<>();
  private final Map<String, Map<Attributes, Long>> wholes = new LinkedHashMap<>();
  private final Map<String, PartCounters.Counter> parts = new LinkedHashMap<>();

  /** @param attributes name, value, name, value …; an empty value = absent */
  void add(Metric metric, long value, String... attributes) {
    wholes.computeIfAbsent(metric.id, k -> new LinkedHashMap<>()).merge(attributes(attributes), value, Long::sum);
  }

  void seconds(Metric metric, double value, String... attributes) {
    fractions.computeIfAbsent(metric.id, k -> new LinkedHashMap<>()).merge(attributes(attributes), value, Double::sum);
  }

  void part(PartCounters.Counter counter, long value, String... attributes) {
    parts.putIfAbsent(counter.id(), counter);
    wholes.computeIfAbsent(counter.id(), k -> new LinkedHashMap<>()).merge(attributes(attributes), value, Long::sum);
  }

  /** The plugins' counters in it, by their metric's name. */
  Map<String, PartCounters.Counter> parts() {
    return parts;
  }

  void wholes(String id, BiConsumer<Long, Attributes> each) {
    wholes.getOrDefault(id, Map.of()).forEach((attributes, value) -> each.accept(value, attributes));
  }

  void fractions(String id, BiConsumer<Double, Attributes> each) {
    fractions.getOrDefault(id, Map.of()).forEach((attributes, value) -> each.accept(value, attributes));
  }

  private static Attributes attributes(String... pairs) {
    AttributesBuilder builder = Attributes.builder();
    for (int i = 0; i < pairs.length; i += 2) if (!pairs[i + 1].isEmpty()) builder.put(pairs[i], pairs[i + 1]);
    return builder.build();
  }
}
