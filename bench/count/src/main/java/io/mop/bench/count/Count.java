package io.mop.bench.count;

import io.mop.api.data.Edits;
import io.mop.api.data.Items;
import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidState;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import io.mop.api.plugin.StateReader;
import io.mop.api.plugin.StateWriter;
import org.osgi.service.component.annotations.Component;

/**
 * Counts spans; the count is its state. Counters of a component outlive its parts, so a total that was not handed over
 * would not be missed in one: each generation of parts has a counter of its own, {@code total_<generation>}, and adds
 * what it was handed as well as what it sees. The counter of the last generation is the whole count, or state was lost.
 */
@Component
@Provides(kind = Provides.Kind.PROCESSOR, name = "bench_count")
public final class Count implements Plugin<Count.Config> {
  private static final String FORMAT = "bench_count/1";

  /** No keys. */
  public record Config() {}

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform create(Config config, Context context) {
    return new Counting(context);
  }

  private static final class Counting implements Transform {
    private final Context context;
    private Context.Counter counter;
    private long generation;
    private long total;

    Counting(Context context) {
      this.context = context;
    }

    @Override
    public void apply(Items items, Edits edits) {
      long n = 0;
      while (items.next()) n++;
      total += n;
      counter().add(n);
    }

    private Context.Counter counter() {
      if (counter == null) {
        counter = context.counter("total_" + generation, "{span}", "spans seen by this and all generations before");
      }
      return counter;
    }

    @Override
    public void save(StateWriter state) {
      state.format(FORMAT);
      state.writeLong(generation);
      state.writeLong(total);
    }

    @Override
    public void restore(StateReader state) throws InvalidState {
      if (state.format().isEmpty()) return;
      if (!state.format().equals(FORMAT)) throw new InvalidState("expected " + FORMAT + ", found " + state.format());
      generation = state.readLong() + 1;
      total = state.readLong();
      counter().add(total);
    }
  }
}
