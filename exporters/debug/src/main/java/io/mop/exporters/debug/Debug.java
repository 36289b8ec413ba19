package io.mop.exporters.debug;

import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** Writes what passes to MOP's log. */
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

  /** The keys of {@code exporters.debug}, as far as they go the OpenTelemetry Collector's. */
  public record Config(
      @Key(doc = "basic: a line a batch; normal: and a line a span; detailed: and its ids and attributes.",
              value = "basic") Verbosity verbosity,
      @Key(doc = "Batches written in each second before sampling begins.", value = "2", min = 0) int samplingInitial,
      @Key(doc = "After these, every so many-th batch of the second is written; 1 = each.", value = "1", min = 1)
          int samplingThereafter,
      @Key(doc = "Attributes that detailed shows, of the item or else its resource.") List<String> attributes) {
    public Config {
      attributes = List.copyOf(attributes);
      for (int i = 0; i < attributes.size(); i++) {
        if (attributes.get(i).isEmpty()) throw new InvalidConfig("attributes[" + i + "]", "an attribute's key");
      }
      if (!attributes.isEmpty() && verbosity != Verbosity.DETAILED) {
        throw new InvalidConfig("attributes", "no attributes unless verbosity is detailed");
      }
    }
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Exporter create(Config config, Context context) {
    return new DebugExporter(config, context);
  }
}
