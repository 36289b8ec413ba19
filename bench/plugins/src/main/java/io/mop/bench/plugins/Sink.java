package io.mop.bench.plugins;

import io.mop.api.data.Spans;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import org.osgi.service.component.annotations.Component;

/** Counts spans and adds up their ids. */
@Component
@Provides(kind = Provides.Kind.EXPORTER, name = "bench_sink")
public final class Sink implements Plugin<Sink.Config> {
  /** No keys. */
  public record Config() {}

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Exporter create(Config config, Context context) {
    Context.Counter received = context.counter("received", "{span}", "spans received");
    Context.Counter sum = context.counter("id_sum", "1", "sum of the span ids received");
    return (batch, outcome) -> {
      Spans spans = (Spans) batch.read();
      long ids = 0;
      while (spans.next()) ids += spans.spanId();
      received.add(batch.items());
      sum.add(ids);
      outcome.delivered();
    };
  }
}
