package io.mop.plugins.attributes;

import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** Changes attributes of spans, data points and log records: the OpenTelemetry Collector's attributes processor. */
@Component
@Provides(kind = Provides.Kind.PROCESSOR, name = "attributes")
public final class Attributes implements Plugin<Attributes.Config> {
  /** The keys of {@code processors.attributes}. */
  public record Config(
      @Key(doc = "Only items that match are changed.") Optional<Match> include,
      @Key(doc = "Items that match stay as they are, also if include has them.") Optional<Match> exclude,
      @Key(doc = "Done in order, each on the result of those before.") List<Action> actions) {
    public Config {
      actions = PatternDelete.check("actions", actions, include.isEmpty() && exclude.isEmpty());
    }
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform create(Config config, Context context) {
    if (PatternDelete.isAll(config.actions())) return new PatternDelete(config.actions(), false);
    Steps steps = new Steps(config.actions(), context.fields()::item, context);
    Matches include = new Matches(config.include(), context.fields(), true);
    Matches exclude = new Matches(config.exclude(), context.fields(), false);
    return (items, edits) -> {
      while (items.next()) if (include.test(items) && !exclude.test(items)) steps.run(items, edits);
    };
  }
}
