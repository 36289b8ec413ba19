package io.mop.itest;

import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestSpan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** An nginx and a Redis with connections that are open before everything, and a MOP without the probe of one of them. */
abstract class TwoProtocols {
  @TempDir Path directory;
  final OtlpSink sink = new OtlpSink().keepRequests();
  private final String probe;
  private final String name;
  Home home;
  Nginx nginx;
  RedisServer redis;
  Traffic traffic;
  RedisConnection connection;

  /** @param name of the protocol whose probe can be dropped in */
  TwoProtocols(String name) {
    this.name = name;
    probe = "io.mop.plugins.probe-" + name;
  }

  @BeforeEach
  void start() throws Exception {
    home = Home.without(directory.resolve("home"), probe);
    nginx = Nginx.start(directory.resolve("nginx"));
    redis = RedisServer.start(directory.resolve("redis"));
    traffic = new Traffic(nginx.port(), "probe", 4);
    connection = new RedisConnection(redis.port());
  }

  @AfterEach
  void stop() throws IOException {
    connection.close();
    traffic.close();
    redis.close();
    nginx.close();
    sink.close();
  }

  final String config(String hook) {
    return """
        receivers:
          ebpf: { select: [ { pid: %d }, { pid: %d } ], ring: 64MiB, edges: false, hook: %s }
        exporters:
          otlp: { endpoint: "%s" }
        service:
          pipelines:
            traces: { receivers: [ebpf], exporters: [otlp] }
        """
        .formatted(nginx.pid(), redis.pid(), hook, sink.url());
  }

  /** Whether the probe is there. */
  final boolean active(Status status) {
    return status.versions("protocol", name).containsValue("active");
  }

  /** Of each span of HTTP {@code METHOD PATH STATUS}, as {@link Traffic#answered} has it. */
  final List<String> requests() {
    return sink.taken().stream()
        .map(TestSpan::attributes)
        .filter(a -> a.containsKey("http.request.method"))
        .map(a -> a.get("http.request.method") + " " + a.get("url.path") + " " + a.get("http.response.status_code"))
        .toList();
  }

  final long redisSpans(String command) {
    return sink.taken().stream().filter(s -> command.equals(s.attributes().get("db.operation.name"))).count();
  }
}
