package io.mop.plugins.filter;

import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** Drops items that meet a condition, written as for the OpenTelemetry Collector's filter processor. */
@Component
@Provides(kind = Provides.Kind.PROCESSOR, name = "filter")
public final class Filter implements Plugin<Filter.Config> {
  /** The Collector's word for what a condition that fails does; conditions here cannot fail on an item. */
  public enum ErrorMode {
    PROPAGATE,
    IGNORE,
    SILENT
  }

  /** The keys of {@code processors.filter}. */
  public record Config(
      @Key(value = "propagate", doc = "Read for the Collector's sake; conditions cannot fail on an item.")
          ErrorMode errorMode,
      Traces traces,
      Metrics metrics,
      Logs logs) {
    public Config {
      boolean none = traces.span.isEmpty() && metrics.metric.isEmpty() && metrics.datapoint.isEmpty();
      if (none && logs.logRecord.isEmpty()) {
        throw new InvalidConfig(
            "traces", "a condition in one of traces.span, metrics.metric, metrics.datapoint, logs.log_record");
      }
    }
  }

  /** Conditions on spans. */
  public record Traces(@Key(doc = "Conditions; a span that meets one is dropped.") List<String> span) {
    public Traces {
      span = check("span", span, Scope.SPAN);
    }
  }

  /** Conditions on metrics. */
  public record Metrics(
      @Key(doc = "Conditions on a metric; all data points of one that meets one are dropped.") List<String> metric,
      @Key(doc = "Conditions; a data point that meets one is dropped.") List<String> datapoint) {
    public Metrics {
      metric = check("metric", metric, Scope.METRIC);
      datapoint = check("datapoint", datapoint, Scope.DATAPOINT);
    }
  }

  /** Conditions on log records. */
  public record Logs(@Key(doc = "Conditions; a log record that meets one is dropped.") List<String> logRecord) {
    public Logs {
      logRecord = check("log_record", logRecord, Scope.LOG);
    }
  }

  private static List<String> check(String key, List<String> conditions, Scope scope) {
    for (int i = 0; i < conditions.size(); i++) {
      try {
        new Parser(conditions.get(i), scope).parse();
      } catch (SyntaxError e) {
        throw new InvalidConfig(key + "[" + i + "]", e.getMessage());
      }
    }
    return List.copyOf(conditions);
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform create(Config config, Context context) {
    return new Conditions(config, context);
  }
}
