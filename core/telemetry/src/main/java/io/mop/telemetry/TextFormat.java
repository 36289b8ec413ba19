package io.mop.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.metrics.data.DoublePointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.MetricDataType;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Metrics as text for Prometheus: its text format 0.0.4, or OpenMetrics 1.0. Names and units are translated as in
 * OpenTelemetry's "Prometheus and OpenMetrics Compatibility". Counters and gauges only, which is all MOP has: the
 * exporter of opentelemetry-java would bring a second HTTP server and five more jars.
 */
enum TextFormat {
  PROMETHEUS("text/plain; version=0.0.4; charset=utf-8"),
  OPEN_METRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

  /** The only units in use, and those a plugin's counter may well have. */
  private static final Map<String, String> UNITS =
      Map.of(
          "By", "bytes", "s", "seconds", "ms", "milliseconds", "us", "microseconds", "ns", "nanoseconds",
          "KiBy", "kibibytes", "MiBy", "mebibytes", "%", "percent");

  final String contentType;

  TextFormat(String contentType) {
    this.contentType = contentType;
  }

  /** What an {@code Accept} header prefers; Prometheus's own if it says nothing of either. */
  static TextFormat accepted(String accept) {
    double open = 0;
    double text = 0;
    for (String range : accept.split(",")) {
      String[] parts = range.split(";");
      String type = parts[0].strip();
      double quality = 1;
      for (String p : parts) if (p.strip().startsWith("q=")) quality = number(p.strip().substring(2));
      if (type.equals("application/openmetrics-text")) open = Math.max(open, quality);
      if (type.equals("text/plain")) text = Math.max(text, quality);
    }
    return open > 0 && open >= text ? OPEN_METRICS : PROMETHEUS;
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** The metric's name in the text, with unit and, for a counter, {@code _total}. */
  static String name(String id, String unit, boolean counter) {
    String family = family(id, unit);
    return counter && !family.endsWith("_total") ? family + "_total" : family;
  }

  private static String family(String id, String unit) {
    String name = id.replaceAll("[^a-zA-Z0-9_:]", "_");
    String suffix = UNITS.getOrDefault(unit, "");
    return suffix.isEmpty() || name.endsWith("_" + suffix) ? name : name + "_" + suffix;
  }

  String write(Collection<MetricData> metrics) {
    StringBuilder out = new StringBuilder(16 << 10);
    List<MetricData> sorted = metrics.stream().sorted(Comparator.comparing(MetricData::getName)).toList();
    for (MetricData metric : sorted) write(metric, out);
    if (this == OPEN_METRICS) out.append("# EOF\n");
    return out.toString();
  }

  private void write(MetricData metric, StringBuilder out) {
    boolean counter = counter(metric);
    String name = name(metric.getName(), metric.getUnit(), counter);
    String family = counter && this == OPEN_METRICS ? name.substring(0, name.length() - "_total".length()) : name;
    String unit = UNITS.getOrDefault(metric.getUnit(), "");
    out.append("# HELP ").append(family).append(' ');
    escape(metric.getDescription(), this == OPEN_METRICS, out).append('\n');
    out.append("# TYPE ").append(family).append(counter ? " counter\n" : " gauge\n");
    if (this == OPEN_METRICS && !unit.isEmpty())
      out.append("# UNIT ").append(family).append(' ').append(unit).append('\n');
    boolean whole = metric.getType() == MetricDataType.LONG_SUM || metric.getType() == MetricDataType.LONG_GAUGE;
    Stream<String> samples =
        whole
            ? longs(metric).stream().map(p -> sample(name, p.getAttributes(), Long.toString(p.getValue())))
            : doubles(metric).stream().map(p -> sample(name, p.getAttributes(), text(p.getValue())));
    samples.sorted().forEach(out::append);
  }

  private static boolean counter(MetricData metric) {
    return switch (metric.getType()) {
      case LONG_SUM -> metric.getLongSumData().isMonotonic();
      case DOUBLE_SUM -> metric.getDoubleSumData().isMonotonic();
      default -> false;
    };
  }

  private static Collection<LongPointData> longs(MetricData metric) {
    return metric.getType() == MetricDataType.LONG_SUM
        ? metric.getLongSumData().getPoints()
        : metric.getLongGaugeData().getPoints();
  }

  private static Collection<DoublePointData> doubles(MetricData metric) {
    return switch (metric.getType()) {
      case DOUBLE_SUM -> metric.getDoubleSumData().getPoints();
      case DOUBLE_GAUGE -> metric.getDoubleGaugeData().getPoints();
      default -> throw new IllegalStateException(metric.getName() + " is neither a counter nor a gauge");
    };
  }

  private static String sample(String name, Attributes attributes, String value) {
    StringBuilder out = new StringBuilder(name);
    char[] before = {'{'};
    attributes.forEach(
        (key, v) -> {
          out.append(before[0]).append(key.getKey().replaceAll("[^a-zA-Z0-9_]", "_")).append("=\"");
          escape(String.valueOf(v), true, out).append('"');
          before[0] = ',';
        });
    if (before[0] == ',') out.append('}');
    return out.append(' ').append(value).append('\n').toString();
  }

  private static StringBuilder escape(String text, boolean quotes, StringBuilder out) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '"' -> out.append(quotes ? "\\\"" : "\"");
        default -> out.append(c);
      }
    }
    return out;
  }

  private static String text(double value) {
    if (Double.isInfinite(value)) return value > 0 ? "+Inf" : "-Inf";
    return Double.isNaN(value) ? "NaN" : new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }
}
