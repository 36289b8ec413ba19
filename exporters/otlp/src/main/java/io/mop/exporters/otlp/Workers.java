package io.mop.exporters.otlp;

import java.lang.System.Logger.Level;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads of one exporter that may work long: compression, look-ups of host names. */
final class Workers {
  private static final System.Logger LOG = System.getLogger("io.mop.exporters.otlp");
  private static final int THREADS = 2;

  private Workers() {}

  /** @param id of the component; names the threads */
  static ExecutorService start(String id) {
    AtomicInteger number = new AtomicInteger();
    return Executors.newFixedThreadPool(
        THREADS,
        task -> {
          Thread t = new Thread(task, id + "-" + number.incrementAndGet());
          t.setDaemon(true);
          return t;
        });
  }

  /** Ends the threads, within 5 s. */
  static void end(ExecutorService workers, String id) {
    workers.shutdownNow();
    try {
      if (!workers.awaitTermination(5, TimeUnit.SECONDS)) LOG.log(Level.WARNING, id + ": a thread is left");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
