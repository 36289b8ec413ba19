package io.mop.telemetry;

import static io.mop.api.plugin.Provides.Kind.RECEIVER;

import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import java.time.Duration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Receiver {@code self}: MOP's own metrics, for a metrics pipeline and whatever exporters it has. */
@Component(service = Plugin.class)
@Provides(kind = RECEIVER, name = "self")
public final class Self implements Plugin<Self.Config> {
  private final Metrics metrics;

  @Activate
  public Self(@Reference Metrics metrics) {
    this.metrics = metrics;
  }

  /** Keys of {@code receivers.self}. */
  public record Config(
      @Key(doc = "Time between two readings.", value = "15s", min = 1_000_000_000) Duration interval) {}

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Receiver create(Config config, Context context) {
    return new SelfReceiver(metrics::collect, config.interval(), context);
  }
}
