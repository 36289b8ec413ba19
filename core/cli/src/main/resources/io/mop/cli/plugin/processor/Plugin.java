package @package@;

import io.mop.api.data.Field;
import io.mop.api.data.Text;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import org.osgi.service.component.annotations.Component;

/** Sets an attribute on every span, data point and log record that lacks it. */
@Component
@Provides(kind = Provides.Kind.PROCESSOR, name = "@name@")
public final class @Class@ implements Plugin<@Class@.Config> {
  /** The keys of {@code processors.@name@}. */
  public record Config(
      @Key(doc = "The attribute, e.g. deployment.region.") String key,
      @Key(doc = "Its value.") String value,
      @Key(doc = "Whether a value that is there is replaced.", value = "false") boolean overwrite) {
    public Config {
      if (key.isBlank()) throw new InvalidConfig("key", "the key of an attribute");
    }
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform create(Config config, Context context) {
    // What all parts of a pipeline declare is found in one scan of the bytes.
    Field field = context.fields().item(config.key());
    Text value = Text.of(config.value());
    Context.Counter set = context.counter("set", "1", "Items whose attribute was set.");
    return (items, edits) -> {
      long n = 0;
      while (items.next()) {
        if (items.get(field).present() && !config.overwrite()) continue;
        edits.set(field, value);
        n++;
      }
      set.add(n);
    };
  }
}
