package @package@;

import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import java.nio.file.Path;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** Appends items to a file, as one JSON object a line. */
@Component
@Provides(kind = Provides.Kind.EXPORTER, name = "@name@")
public final class @Class@ implements Plugin<@Class@.Config> {
  /** The keys of {@code exporters.@name@}. */
  public record Config(
      @Key(doc = "The file; its directory must exist.") String path,
      @Key(doc = "Keys of attributes that are written if an item has them.") List<String> attributes) {
    public Config {
      if (path.isBlank()) throw new InvalidConfig("path", "the path of a file");
      attributes = List.copyOf(attributes);
    }
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Exporter create(Config config, Context context) {
    // What is read is declared here; there is no other way to reach an attribute.
    return new JsonLines(
        Path.of(config.path()), config.attributes().stream().map(context.fields()::item).toList(), context);
  }
}
