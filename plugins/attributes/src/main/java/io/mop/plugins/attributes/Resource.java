package io.mop.plugins.attributes;

import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** Changes attributes of resources, each once: the OpenTelemetry Collector's resource processor. */
@Component
@Provides(kind = Provides.Kind.PROCESSOR, name = "resource")
public final class Resource implements Plugin<Resource.Config> {
  /** The keys of {@code processors.resource}. */
  public record Config(@Key(doc = "Done in order, each on the result of those before.") List<Action> attributes) {
    public Config {
      attributes = PatternDelete.check("attributes", attributes, true);
    }
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform create(Config config, Context context) {
    if (PatternDelete.isAll(config.attributes())) return new PatternDelete(config.attributes(), true);
    Steps steps = new Steps(config.attributes(), context.fields()::resource, context);
    return (items, edits) -> {
      int done = -1;
      while (items.next()) {
        if (items.resource() == done) continue;
        done = items.resource();
        steps.run(items, edits);
      }
    };
  }
}
