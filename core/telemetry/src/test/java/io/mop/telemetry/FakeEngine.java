package io.mop.telemetry;

import io.mop.api.data.Signal;
import io.mop.control.Control;
import io.mop.control.Status;
import io.mop.control.Topology;
import io.mop.control.Vitals;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** An engine that says what the test lets it say. */
final class FakeEngine implements Control {
  final AtomicInteger asked = new AtomicInteger();
  volatile String state = "running";
  volatile long memoryUsed = 1 << 20;
  volatile long memoryLimit = 100 << 20;
  volatile long memoryFree = 99 << 20;
  volatile Duration sinceBeat = Duration.ofMillis(200);
  volatile String config = "";
  volatile List<String> closed = List.of();
  volatile List<Vitals.Queue> queues = List.of();
  volatile List<Status.Component> components = List.of();
  volatile List<Status.Plugin> plugins = List.of();
  volatile List<Status.Flow> flows = List.of();
  final Map<String, Long> counters = new TreeMap<>();
  final Map<String, Vitals.Described> described = new TreeMap<>();

  static Status.Flow flow(
      String path, Signal signal, long in, long created, long out, long sampledOut, Map<String, Long> filtered,
      Map<String, Long> refused, Map<String, Long> failed, long held) {
    return new Status.Flow(path, signal, in, created, out, sampledOut, filtered, refused, failed, held);
  }

  static Status.Plugin plugin(String name, String version, long bundle, String state, long calls) {
    return new Status.Plugin("processor", name, version, "io." + name, bundle, state, "", calls,
        calls * 250_000_000, 5, 1);
  }

  @Override
  public Status status() {
    asked.incrementAndGet();
    return new Status(state, 5, memoryUsed, memoryLimit, components, plugins, flows, new TreeMap<>(counters));
  }

  @Override
  public Vitals vitals() {
    return new Vitals(sinceBeat, config, 3, memoryFree, closed, queues, new TreeMap<>(described));
  }

  @Override
  public void apply(Topology topology) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void settle() {}

  @Override
  public void discardState(String path) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void stop(Duration limit) {
    throw new UnsupportedOperationException();
  }
}
