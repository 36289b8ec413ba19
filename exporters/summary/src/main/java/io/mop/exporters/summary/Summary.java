package io.mop.exporters.summary;

import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import java.time.Duration;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** Shows on the terminal what services do: requests per second, errors and durations of every operation. */
@Component
@Provides(kind = Provides.Kind.EXPORTER, name = "summary")
public final class Summary implements Plugin<Summary.Config> {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Whether the table is drawn over itself. */
  public enum Ansi {
    /** If standard output is a terminal. */
    AUTO,
    ALWAYS,
    NEVER
  }

  /** The keys of {@code exporters.summary}. */
  public record Config(
      @Key(doc = "Time between two tables.", value = "2s", min = 100_000_000) Duration interval,
      @Key(doc = "Rates are over this time, in whole seconds.", value = "10s", min = 2_000_000_000L,
              max = 300_000_000_000L) Duration window,
      @Key(doc = "auto: the table is drawn over itself if standard output is a terminal; always; never: one below the"
              + " other.", value = "auto") Ansi ansi,
      @Key(doc = "Operations shown while running; the last table shows all.", value = "20", min = 1, max = 1000)
          int rows,
      @Key(doc = "Operations told apart; later ones count as 'other'.", value = "500", min = 1, max = 10_000)
          int maxOperations,
      @Key(doc = "Lines to show below the table, e.g. where else the telemetry goes.") List<String> note) {
    public Config {
      note = List.copyOf(note);
    }
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Exporter create(Config config, Context context) {
    boolean redraw = config.ansi() == Ansi.ALWAYS || config.ansi() == Ansi.AUTO && Screen.isTerminal();
    return new SummaryExporter(config, context, new Screen(System.out, redraw, PATIENCE));
  }
}
