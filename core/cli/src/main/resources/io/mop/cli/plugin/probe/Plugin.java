package @package@;

import io.mop.api.capture.Protocol;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import io.mop.api.plugin.Size;
import org.osgi.service.component.annotations.Component;

/** A protocol of lines as seen on the wire. */
@Component
@Provides(kind = Provides.Kind.PROTOCOL, name = "@name@")
public final class @Class@ implements Plugin<@Class@.Config> {
  /** The keys of {@code protocols.@name@}. */
  public record Config(
      @Key(doc = "Longest line that is read; a longer one is counted and passed over.", value = "4KiB", min = 64,
              max = 65536)
          Size maxLine) {}

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Protocol create(Config config, Context context) {
    return new LineProtocol(
        (int) config.maxLine().bytes(),
        context.counter("oversized_lines", "1", "Lines longer than max_line."),
        context.counter("malformed_lines", "1", "Lines that are no request or response."));
  }
}
