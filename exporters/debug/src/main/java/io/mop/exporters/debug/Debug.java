package io.mop.exporters.debug;

import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** Writes what passes to MOP's log, or its spans to standard output. */
@Component
@Provides(kind = Provides.Kind.EXPORTER, name = "debug")
public final class Debug implements Plugin<Debug.Config> {
  /** How much is written. */
  public enum Verbosity {
    /** A line a batch. */
    BASIC,
    /** And a line a span. */
    NORMAL,
    /** And ids and attributes. */
    DETAILED
  }

  /** Where to, and in which form. */
  public enum Output {
    /** MOP's log. */
    LOG,
    /** Standard output, a line an item. */
    TEXT,
    /** Standard output, a JSON object an item. */
    JSON
  }

  /** The keys of {@code exporters.debug}, as far as they go the OpenTelemetry Collector's. */
  public record Config(
      @Key(doc = "basic: a line a batch; normal: and a line a span; detailed: and its ids and attributes.",
              value = "basic") Verbosity verbosity,
      @Key(doc = "Batches written in each second before sampling begins.", value = "2", min = 0) int samplingInitial,
      @Key(doc = "After these, every so many-th batch of the second is written; 1 = each.", value = "1", min = 1)
          int samplingThereafter,
      @Key(doc = "Attributes that detailed, text and json show, of the item or else its resource.")
          List<String> attributes,
      @Key(doc = "log: MOP's log; text, json: standard output, every item at once, a line or a JSON object each,"
              + " whatever verbosity and sampling say.", value = "log") Output output,
      @Key(doc = "Whether text is coloured, for a terminal.", value = "false") boolean color) {
    public Config {
      attributes = List.copyOf(attributes);
      for (int i = 0; i < attributes.size(); i++) {
        if (attributes.get(i).isEmpty()) throw new InvalidConfig("attributes[" + i + "]", "an attribute's key");
      }
      if (!attributes.isEmpty() && verbosity != Verbosity.DETAILED && output == Output.LOG) {
        throw new InvalidConfig("attributes", "no attributes unless verbosity is detailed, or output text or json");
      }
    }
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Exporter create(Config config, Context context) {
    if (config.output() == Output.LOG) return new DebugExporter(config, context);
    return new LineExporter(config, context, System.out);
  }
}
