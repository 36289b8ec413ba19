package io.mop.config.internal;

import io.mop.config.Sources;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Looks once a second whether the files of the configuration hold something else than they did, and acts when they have
 * held the same twice, so that a file half written is not taken for one. It reads them, rather than waiting for events:
 * a mounted ConfigMap changes by a link of a directory above, and network file systems send none.
 */
final class ConfigWatch {
  private static final System.Logger LOG = System.getLogger("io.mop.config");

  private final Supplier<Sources> read;
  private final Runnable changed;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          r -> {
            Thread t = new Thread(r, "mop-config-watch");
            t.setDaemon(true);
            return t;
          });
  private Map<Path, String> last = Map.of();

  /** @param read what was last read, accepted or not */
  ConfigWatch(Supplier<Sources> read, Runnable changed) {
    this.read = read;
    this.changed = changed;
  }

  void start() {
    timer.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
  }

  void stop() {
    timer.shutdownNow();
  }

  void look() {
    try {
      Sources sources = read.get();
      Map<Path, String> now = sources.now();
      boolean settled = now.equals(last);
      last = now;
      if (settled && !now.equals(sources.then())) changed.run();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "the configuration could not be read again; the next look is in a second", e);
    }
  }
}
