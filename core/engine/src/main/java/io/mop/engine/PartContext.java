package io.mop.engine;

import io.mop.api.data.Fields;
import io.mop.api.plugin.Context;
import io.mop.otlp.AttributeField;
import io.mop.otlp.DeclaredFields;
import io.mop.otlp.FieldTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** The context of one component's parts; withdrawn as a whole when they are closed. */
final class PartContext implements Context, AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.mop.engine");
  private static final long JOIN_SECONDS = 2;

  private final String path;
  private final Path directory;
  private final DeclaredFields fields;
  private final Health health;
  private final Map<String, Tally> counters;
  private final List<ScheduledExecutorService> timers = new ArrayList<>();
  private volatile boolean withdrawn;

  PartContext(String path, Path state, FieldTable table, Health health, Map<String, Tally> counters) {
    this.path = path;
    this.directory = state.resolve("parts").resolve(path.replace('/', '~'));
    this.fields = new DeclaredFields(table);
    this.health = health;
    this.counters = counters;
  }

  @Override
  public String id() {
    return path;
  }

  @Override
  public Fields fields() {
    check();
    return fields;
  }

  Set<AttributeField> declared() {
    return fields.declared();
  }

  @Override
  public long now() {
    var now = java.time.Instant.now();
    return Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
  }

  @Override
  public Counter counter(String name, String unit, String description) {
    check();
    LongAdder adder = counters.computeIfAbsent(path + ' ' + name, k -> Tally.of(unit, description)).sum();
    return n -> {
      if (n < 0) throw new IllegalArgumentException(path + ": counter " + name + " cannot go down by " + -n);
      adder.add(n);
    };
  }

  @Override
  public Path directory() {
    check();
    try {
      return Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": cannot make the state directory " + directory, e);
    }
  }

  @Override
  public synchronized Task every(Duration period, Runnable task) {
    check();
    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            r -> {
              Thread t = new Thread(r, "mop-" + path + "-" + timers.size());
              t.setDaemon(true);
              return t;
            });
    timers.add(timer);
    long nanos = period.toNanos();
    timer.scheduleWithFixedDelay(
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, path + ": a periodic task failed and will run again", e);
          }
        },
        nanos,
        nanos,
        TimeUnit.NANOSECONDS);
    return timer::shutdownNow;
  }

  @Override
  public void healthy() {
    if (!withdrawn) health.good();
  }

  @Override
  public void unhealthy(String reason) {
    if (!withdrawn && health.bad(reason)) LOG.log(System.Logger.Level.WARNING, path + ": " + reason);
  }

  private void check() {
    if (withdrawn) throw new IllegalStateException(path + ": the part is closed");
  }

  @Override
  public void close() {
    List<ScheduledExecutorService> running;
    synchronized (this) {
      withdrawn = true;
      running = List.copyOf(timers);
    }
    running.forEach(ScheduledExecutorService::shutdownNow);
    for (var timer : running) {
      try {
        if (!timer.awaitTermination(JOIN_SECONDS, TimeUnit.SECONDS)) {
          LOG.log(System.Logger.Level.WARNING, path + ": left a thread behind that does not end");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A new set of counters, shared by all components. */
  static Map<String, Tally> counters() {
    return new ConcurrentSkipListMap<>();
  }
}
