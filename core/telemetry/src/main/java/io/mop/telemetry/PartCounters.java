package io.mop.telemetry;

import io.mop.control.Status;
import io.mop.control.Vitals;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Counters of components. {@code receivers.ebpf/a capture_resyncs{cut}} is the metric {@code
 * mop.receiver.ebpf.capture_resyncs} with the attributes {@code component="receivers.ebpf/a"} and {@code reason="cut"};
 * what the engine counts of every component is in {@link Metric}.
 */
final class PartCounters {
  private static final Pattern NAME = Pattern.compile("(\\S+) (.+?)(?:\\{(.*)})?", Pattern.DOTALL);

  /** @param id the metric's name */
  record Counter(String id, String unit, String description) {}

  private PartCounters() {}

  static void read(Status status, Vitals vitals, Reading into) {
    status.counters().forEach(
        (key, value) -> {
          Matcher parts = NAME.matcher(key);
          if (!parts.matches()) return;
          String component = parts.group(1);
          String reason = parts.group(3) == null ? "" : parts.group(3);
          Optional<Metric> engines = Metric.ofCounter(parts.group(2));
          Vitals.Described is = vitals.counters().getOrDefault(key, new Vitals.Described("1", ""));
          if (engines.isPresent()) into.add(engines.get(), value, "component", component);
          else into.part(counter(component, parts.group(2), is), value, "component", component, "reason", reason);
        });
  }

  private static Counter counter(String component, String name, Vitals.Described is) {
    int dot = component.indexOf('.');
    String kind = dot < 0 ? "component" : component.substring(0, dot).replaceAll("s$", "");
    String type = component.substring(dot + 1).replaceAll("/.*", "");
    String described = is.description().isEmpty() ? "Counter " + name + " of the plugin." : sentence(is.description());
    String id = "mop." + plain(kind) + "." + plain(type) + "." + plain(name);
    return new Counter(id.substring(0, Math.min(255, id.length())), is.unit(), described);
  }

  /** What a metric's name may hold. */
  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
  }

  private static String sentence(String text) {
    String first = text.substring(0, 1).toUpperCase(Locale.ROOT);
    return first + text.substring(1) + (text.endsWith(".") ? "" : ".");
  }
}
