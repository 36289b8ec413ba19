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
  /** OpenTelemetry's semantic conventions, database client metrics; they have none for servers: this is that of OBI. */
  private static final Measure DATABASE_CLIENT = database("db.client.operation.duration");
  private static final Measure DATABASE_SERVER = database("db.server.operation.duration");

  public Measure {
    Objects.requireNonNull(name);
    attributes = List.copyOf(attributes);
    bounds = List.copyOf(bounds);
    for (int i = 0; i < bounds.size(); i++) {
      boolean ascends = Double.isFinite(bounds.get(i)) && (i == 0 || bounds.get(i) > bounds.get(i - 1));
      if (!ascends) throw new IllegalArgumentException("bounds must ascend: " + bounds);
    }
  }

  /**
   * How long operations of a database take, at its server or at its clients: by what the conventions name and clients
   * cannot choose at will, given that {@code db.collection.name} and {@code db.query.summary} are kept to few values.
   *
   * @since 1.3
   */
  public static Measure database(boolean server) {
    return server ? DATABASE_SERVER : DATABASE_CLIENT;
  }

  private static Measure database(String name) {
    List<String> attributes =
        List.of(
            "db.system.name",
            "db.namespace",
            "db.operation.name",
            "db.collection.name",
            "db.query.summary",
            "db.response.status_code",
            "error.type",
            "server.address",
            "server.port");
    return new Measure(name, attributes, List.of(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0));
  }
}
