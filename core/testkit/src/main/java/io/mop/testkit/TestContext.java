package io.mop.testkit;

import io.mop.api.data.Fields;
import io.mop.api.plugin.Context;
import io.mop.otlp.DeclaredFields;
import io.mop.otlp.FieldTable;
import io.mop.otlp.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * The context of a part under test: its clock stands still, its tasks run when the test says so, and what the part
 * counted and said of its health can be read.
 */
public final class TestContext implements Context, AutoCloseable {
  /** Where the clock stands at first: 2027-01-15T08:00:00Z, in Unix nanoseconds. */
  public static final long NOW = 1_800_000_000_000_000_000L;

  private record Timer(Duration period, Runnable task) {}

  private final String id;
  private final DeclaredFields fields = new DeclaredFields(new FieldTable());
  private final AtomicLong now = new AtomicLong(NOW);
  private final Map<String, AtomicLong> counters = new ConcurrentHashMap<>();
  private final List<Timer> timers = new CopyOnWriteArrayList<>();
  private final List<String> health = new CopyOnWriteArrayList<>();
  private Optional<Path> directory = Optional.empty();

  /** @param id as in mop.yaml, e.g. {@code processors.attributes/eu} */
  public TestContext(String id) {
    this.id = id;
  }

  /** Sets the clock forward, or back by a negative duration. */
  public void advance(Duration by) {
    now.addAndGet(by.toNanos());
  }

  /** Runs every task that was not closed once. */
  public void tick() {
    timers.forEach(t -> t.task.run());
  }

  /** The periods of the tasks that were not closed. */
  public List<Duration> periods() {
    return timers.stream().map(Timer::period).toList();
  }

  /**
   * What a counter has counted.
   *
   * @throws IllegalArgumentException if the part has no such counter
   */
  public long count(String counter) {
    AtomicLong value = counters.get(counter);
    if (value == null) {
      throw new IllegalArgumentException("no counter '" + counter + "'; there are " + new TreeMap<>(counters).keySet());
    }
    return value.get();
  }

  /** The counters that are not 0. */
  public Map<String, Long> counted() {
    Map<String, Long> counted = new TreeMap<>();
    counters.forEach((name, n) -> {
      if (n.get() != 0) counted.put(name, n.get());
    });
    return counted;
  }

  /** What the part said of its health, in order: {@code healthy}, or why it is not. */
  public List<String> health() {
    return List.copyOf(health);
  }

  /** Why the part does not work; empty if it does, as at first. */
  public Optional<String> unhealthy() {
    List<String> said = health();
    return said.isEmpty() ? Optional.empty() : Optional.of(said.get(said.size() - 1)).filter(s -> !s.equals("healthy"));
  }

  /** The fields the part has declared, as one scan looks for them. */
  Schema schema() {
    return Schema.of(fields.declared());
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Fields fields() {
    return fields;
  }

  @Override
  public long now() {
    return now.get();
  }

  @Override
  public Counter counter(String name, String unit, String description) {
    AtomicLong value = counters.computeIfAbsent(name, n -> new AtomicLong());
    return n -> {
      if (n < 0) throw new IllegalArgumentException("counter " + name + " cannot go down by " + -n);
      value.addAndGet(n);
    };
  }

  /** A new directory; {@link #close} deletes it. */
  @Override
  public synchronized Path directory() {
    try {
      if (directory.isEmpty()) directory = Optional.of(Files.createTempDirectory("mop-test-"));
      return directory.get();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Task every(Duration period, Runnable task) {
    Timer timer = new Timer(period, task);
    timers.add(timer);
    return () -> timers.remove(timer);
  }

  @Override
  public void healthy() {
    health.add("healthy");
  }

  @Override
  public void unhealthy(String reason) {
    health.add(reason);
  }

  /** Deletes the directory, if the part asked for one. */
  @Override
  public synchronized void close() {
    if (directory.isEmpty()) return;
    try (Stream<Path> files = Files.walk(directory.get())) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
      directory = Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
