package @package@;

import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import io.mop.api.plugin.Size;
import java.nio.file.Path;
import java.time.Duration;
import org.osgi.service.component.annotations.Component;

/** Follows a text file: every line becomes a log record. */
@Component
@Provides(kind = Provides.Kind.RECEIVER, name = "@name@")
public final class @Class@ implements Plugin<@Class@.Config> {
  /** The keys of {@code receivers.@name@}. */
  public record Config(
      @Key(doc = "The file; it may come later.") String path,
      @Key(doc = "How often it is looked at.", value = "200ms", min = 1_000_000) Duration poll,
      @Key(doc = "Bytes read at a time; a longer line comes in pieces.", value = "64KiB", min = 16, max = 1 << 20)
          Size chunk) {
    public Config {
      if (path.isBlank()) throw new InvalidConfig("path", "the path of a file");
    }
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Receiver create(Config config, Context context) {
    return new LinesReceiver(Path.of(config.path()), config.poll(), (int) config.chunk().bytes(), context);
  }
}
