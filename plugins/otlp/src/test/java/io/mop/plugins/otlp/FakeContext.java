package io.mop.plugins.otlp;

import io.mop.api.data.Fields;
import io.mop.api.plugin.Context;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** Counts; the receiver uses nothing else of a context. */
final class FakeContext implements Context {
  private final Map<String, LongAdder> counters = new ConcurrentHashMap<>();
  private final String id;

  FakeContext(String id) {
    this.id = id;
  }

  long count(String name) {
    return counters.get(name).sum();
  }

  /** Every request has exactly one outcome once nothing is in flight. */
  long outcomes() {
    long sum = 0;
    for (Answer.Outcome o : Answer.Outcome.values()) sum += count(o.counter);
    return sum;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Counter counter(String name, String unit, String description) {
    return counters.computeIfAbsent(name, n -> new LongAdder())::add;
  }

  @Override
  public Fields fields() {
    throw new UnsupportedOperationException();
  }

  @Override
  public long now() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path directory() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Task every(Duration period, Runnable task) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void healthy() {}

  @Override
  public void unhealthy(String reason) {}
}
