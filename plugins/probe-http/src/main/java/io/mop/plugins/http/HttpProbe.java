package io.mop.plugins.http;

import io.mop.api.capture.Protocol;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Size;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** HTTP/1.0 and HTTP/1.1 as seen on the wire. */
@Component
@Provides(kind = Kind.PROTOCOL, name = "http")
public final class HttpProbe implements Plugin<HttpProbe.Config> {
  /** {@code protocols.http} of mop.yaml. */
  public record Config(
      @Key(
              doc = "Longest head (start line and headers) that is read; a longer one is counted and passed over.",
              value = "16KiB",
              min = 256,
              max = 65536)
          Size maxHead,
      @Key(
              doc =
                  "Methods that spans tell by name, case-sensitive, instead of those of RFC 9110 and PATCH; any other is"
                      + " _OTHER.")
          List<String> knownMethods) {
    public Config {
      if (knownMethods.size() > Methods.MOST) {
        throw new InvalidConfig("known_methods", "at most " + Methods.MOST + " methods");
      }
      knownMethods = List.copyOf(knownMethods);
    }
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Protocol create(Config config, Context context) {
    return new HttpProtocol(
        (int) config.maxHead().bytes(),
        new Methods(config.knownMethods().isEmpty() ? Methods.DEFAULT : config.knownMethods()),
        context.counter("oversized_heads", "1", "HTTP heads longer than max_head."),
        context.counter("malformed_messages", "1", "HTTP messages that break RFC 9112 and could not be followed."));
  }
}
