package io.mop.bpf;

import io.mop.api.data.Fields;
import io.mop.api.plugin.Context;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Counts, remembers the health, and runs what is due when the test says so. */
final class TestContext implements Context {
  private final Map<String, AtomicLong> counters = new ConcurrentHashMap<>();
  private final List<Runnable> tasks = new ArrayList<>();
  private volatile Optional<String> unhealthy = Optional.empty();

  void tick() {
    tasks.forEach(Runnable::run);
  }

  int tasks() {
    return tasks.size();
  }

  long count(String name) {
    return counters.get(name).get();
  }

  Optional<String> unhealthy() {
    return unhealthy;
  }

  @Override
  public String id() {
    return "receivers.ebpf";
  }

  @Override
  public Fields fields() {
    throw new UnsupportedOperationException("a receiver reads no fields");
  }

  @Override
  public long now() {
    return 0;
  }

  @Override
  public Counter counter(String name, String unit, String description) {
    AtomicLong value = counters.computeIfAbsent(name, n -> new AtomicLong());
    return n -> {
      if (n < 0) throw new IllegalArgumentException(name + " + " + n);
      value.addAndGet(n);
    };
  }

  @Override
  public Path directory() {
    throw new UnsupportedOperationException("no state");
  }

  @Override
  public Task every(Duration period, Runnable task) {
    tasks.add(task);
    return () -> tasks.remove(task);
  }

  @Override
  public void healthy() {
    unhealthy = Optional.empty();
  }

  @Override
  public void unhealthy(String reason) {
    unhealthy = Optional.of(reason);
  }
}
