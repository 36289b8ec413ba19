package io.mop.bench.plugins;

import io.mop.api.pipeline.Transform;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Plugin;
import io.mop.api.plugin.Provides;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** A processor that does harm from its tenth call on. */
@Component
@Provides(kind = Provides.Kind.PROCESSOR, name = "bench_misbehave")
public final class Misbehave implements Plugin<Misbehave.Config> {
  /** What it does. */
  public enum How {
    THROW,
    HANG,
    ALLOCATE,
    GROW,
    DIRECT,
    THREADS
  }

  /** Keys of {@code processors.bench_misbehave}. */
  public record Config(@Key(doc = "What it does.") How how) {}

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform create(Config config, Context context) {
    List<Object> kept = new ArrayList<>();
    int[] calls = {0};
    return (items, edits) -> {
      if (++calls[0] < 10) return;
      switch (config.how()) {
        case THROW -> throw new IllegalStateException("misbehaving");
        case HANG -> hang();
        case ALLOCATE -> allocate();
        case GROW -> kept.add(new byte[512 << 10]);
        case DIRECT -> kept.add(ByteBuffer.allocateDirect(8 << 20));
        case THREADS -> {
          Thread t = new Thread(Misbehave::hang);
          t.setDaemon(true);
          t.setPriority(Thread.MIN_PRIORITY);
          t.start();
        }
      }
    };
  }

  /** Ignores interrupts; sleeps so that the machine stays usable. */
  private static void hang() {
    while (true) {
      try {
        Thread.sleep(1000);
      } catch (InterruptedException e) {
        continue;
      }
    }
  }

  private static void allocate() {
    long sum = 0;
    for (int i = 0; i < 100_000; i++) sum += new byte[64 << 10].length;
    if (sum < 0) throw new AssertionError();
  }
}
