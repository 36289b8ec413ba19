package io.mop.bench;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** A MOP that captures into a sink of its own, and what is read of it. */
final class Captured implements AutoCloseable {
  private static final String RECEIVER = "receivers.ebpf ";
  /** Counters of the kernel are published once a second: two looks this far apart see two states of them. */
  private static final long APART = TimeUnit.MILLISECONDS.toNanos(2500);

  private final List<byte[]> bodies = new ArrayList<>();
  private final Sink sink = new Sink(this::keep);
  private final Mop mop;

  /**
   * Returns when the programs are attached.
   *
   * @param receiver keys of {@code receivers.ebpf}
   */
  Captured(Path home, Path directory, String receiver) throws IOException {
    this(home, directory, "all-in-one", receiver);
  }

  Captured(Path home, Path directory, String feature, String receiver) throws IOException {
    String yaml =
        """
        receivers:
          ebpf: { %s }
        exporters:
          otlp: { endpoint: "%s", compression: none }
        service:
          pipelines:
            traces: { receivers: [ebpf], exporters: [otlp] }
        """
            .formatted(receiver, sink.url());
    mop = new Mop(home, directory, feature, yaml, List.of(), List.of());
    JsonObject status =
        mop.await(60, s -> Mop.running(s) && Mop.component(s, "receivers.ebpf").getBoolean("healthy", false));
    if (status == null) {
      String log = mop.log();
      close();
      throw new IOException("MOP did not start: " + log);
    }
  }

  /** The key {@code select} for these processes. */
  static String select(List<Long> pids) {
    return "select: [ " + String.join(", ", pids.stream().map(p -> "{ pid: " + p + " }").toList()) + " ]";
  }

  private synchronized void keep(byte[] body) {
    bodies.add(body);
  }

  Mop mop() {
    return mop;
  }

  long spans() {
    return sink.spans();
  }

  /** Gives the spans that came since the last call, and forgets them. */
  synchronized void take(Consumer<SpanRow> to) {
    for (byte[] body : bodies) SpanRow.read(body, to);
    bodies.clear();
  }

  /**
   * Waits until all that the kernel has seen has been read, worked up and delivered, and stays so; the status then. Or
   * the last one, if that did not come in {@code seconds}.
   */
  JsonObject drained(int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    JsonObject before = JsonObject.EMPTY_JSON_OBJECT;
    long since = System.nanoTime();
    while (System.nanoTime() < end) {
      JsonObject now = mop.status();
      if (!settled(now) || !marks(now).equals(marks(before))) since = System.nanoTime();
      else if (System.nanoTime() - since > APART) return now;
      before = now;
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
    return before;
  }

  private boolean settled(JsonObject s) {
    long submitted = counter(s, "kernel_submitted") + counter(s, "kernel_open") + counter(s, "kernel_close");
    return !s.isEmpty() && counter(s, "records") == submitted && delivered(s) == sink.spans();
  }

  private Map<String, Long> marks(JsonObject s) {
    Map<String, Long> marks = new TreeMap<>();
    if (s.isEmpty()) return marks;
    s.getJsonObject("counters").forEach((name, n) -> {
      if (name.startsWith(RECEIVER)) marks.put(name, counter(s, name.substring(RECEIVER.length())));
    });
    marks.put("delivered", delivered(s));
    return marks;
  }

  private static long delivered(JsonObject s) {
    if (!s.containsKey("flows")) return -1;
    return s.getJsonArray("flows").getValuesAs(JsonObject.class).stream()
        .filter(f -> f.getString("path").equals("exporters.otlp"))
        .mapToLong(f -> f.getJsonNumber("out").longValue())
        .sum();
  }

  /** A counter of the receiver. */
  long counter(JsonObject status, String name) {
    return mop.counter(status, RECEIVER + name);
  }

  /** Sum of a counter of the receiver over its reasons. */
  long reasons(JsonObject status, String name) {
    return marks(status).entrySet().stream()
        .filter(e -> e.getKey().startsWith(RECEIVER + name + "{"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** All counters of the receiver that are not 0, a line each. */
  void print(JsonObject status) {
    marks(status).forEach((name, n) -> {
      if (n != 0) System.out.println("  " + name + " " + n);
    });
  }

  @Override
  public void close() throws IOException {
    if (mop != null) mop.close();
    sink.close();
  }
}
