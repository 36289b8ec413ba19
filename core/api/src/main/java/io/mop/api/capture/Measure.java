package io.mop.api.capture;

import java.util.List;
import java.util.Objects;

/**
 * How long exchanges take, as a histogram by OpenTelemetry's semantic conventions: one series for each process and each
 * combination of the attributes' values.
 *
 * @param name of the metric; its unit is s
 * @param attributes those of the span that are also the series'; one that the span does not have is left out. Besides
 *     what the decoder sets, spans have {@code server.address}, {@code server.port} and {@code error.type}. None whose
 *     values clients choose at will, unless kept to few by {@link Exchanges#bounded}
 * @param bounds upper bounds of buckets in seconds, inclusive and ascending
 * @since 1.2
 */
public record Measure(String name, List<String> attributes, List<Double> bounds) {
  public Measure {
    Objects.requireNonNull(name);
    attributes = List.copyOf(attributes);
    bounds = List.copyOf(bounds);
    for (int i = 0; i < bounds.size(); i++) {
      boolean ascends = Double.isFinite(bounds.get(i)) && (i == 0 || bounds.get(i) > bounds.get(i - 1));
      if (!ascends) throw new IllegalArgumentException("bounds must ascend: " + bounds);
    }
  }
}
