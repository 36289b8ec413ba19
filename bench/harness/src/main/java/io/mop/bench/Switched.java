package io.mop.bench;

import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/**
 * A MOP whose capture is attached and detached by reloading its configuration, so that both states have the same warm
 * JVM. It starts without capture.
 */
final class Switched implements AutoCloseable {
  private static final String RECEIVER = "receivers.ebpf ";

  private final Sink sink = new Sink();
  private final int port = Host.freePort();
  private final Path config;
  private final String receiver;
  private final Mop mop;

  /**
   * @param directory is made
   * @param receiver keys of {@code receivers.ebpf}
   */
  Switched(Path home, Path directory, String receiver) throws IOException {
    this.receiver = receiver;
    Files.createDirectory(directory);
    config = directory.resolve("mop.yaml");
    mop = new Mop(home, directory, yaml(false), List.of(), List.of());
    await(s -> Mop.running(s));
  }

  private String yaml(boolean capture) {
    return """
        receivers:
          otlp: { protocols: { http: { endpoint: 127.0.0.1:%d } } }%s
        exporters:
          otlp: { endpoint: "%s", compression: none }
        service:
          pipelines:
            traces: { receivers: [otlp%s], exporters: [otlp] }
        """
        .formatted(
            port, capture ? "\n  ebpf: { " + receiver + " }" : "", sink.url(), capture ? ", ebpf" : "");
  }

  /** Returns when the programs are attached or gone. */
  void capture(boolean on) throws IOException {
    Files.writeString(config, yaml(on));
    String said = mop.ask("mop:reload");
    boolean[] healthy = {false};
    await(s -> {
      healthy[0] = Mop.component(s, "receivers.ebpf").getBoolean("healthy", false);
      return Mop.running(s) && healthy[0] == on;
    });
    if (healthy[0] != on) throw new IOException("mop reload: " + said);
  }

  private void await(Predicate<JsonObject> condition) throws IOException {
    if (mop.await(60, condition) != null) return;
    String log = mop.log();
    close();
    throw new IOException("MOP is not ready: " + log);
  }

  long pid() {
    return mop.pid();
  }

  long spans() {
    return sink.spans();
  }

  /** Waits for so many spans in all; false if they do not come. */
  boolean awaitSpans(long spans, int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (sink.spans() < spans && System.nanoTime() < end) LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
    return sink.spans() >= spans;
  }

  /** A counter of the receiver. */
  long counter(String name) {
    return mop.counter(mop.status(), RECEIVER + name);
  }

  /** Waits until a counter of the receiver, which is published once a second, is so high; what it is then. */
  long awaitCounter(String name, long atLeast, int seconds) {
    mop.await(seconds, s -> mop.counter(s, RECEIVER + name) >= atLeast);
    return counter(name);
  }

  @Override
  public void close() throws IOException {
    mop.close();
    sink.close();
  }
}
