package io.mop.itest;

import static io.mop.itest.RedisToSinkTest.names;
import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestSpan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An unchanged Redis and its unchanged clients over TLS, one connection older than MOP: exact on both sides. */
@NeedsBpf
@Timeout(300)
class RedisTlsTest {
  private static final int REQUESTS = 10_000;
  private static final int LINES = 200;

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private final String secret = UUID.randomUUID().toString();
  private RedisServer redis;

  @BeforeEach
  void start() {
    redis = RedisServer.tls(directory.resolve("redis"));
  }

  @AfterEach
  void stop() {
    redis.close();
    sink.close();
  }

  private String config(Process cli, Process benchmark, String hook) {
    return """
        receivers:
          ebpf: { select: [ { pid: %d }, { pid: %d }, { pid: %d } ], ring: 64MiB, hook: %s }
        exporters:
          otlp:
            endpoint: %s
            retry_on_failure: { initial_interval: 50ms, max_interval: 500ms }
        service:
          pipelines:
            traces: { receivers: [ebpf], exporters: [otlp] }
        """
        .formatted(redis.pid(), cli.pid(), benchmark.pid(), hook, sink.url());
  }

  @ParameterizedTest(name = "hook {0}")
  @ValueSource(strings = {"sock", "sys_exit"})
  void everyCommandIsOneSpanOfEachSide(String hook) throws Exception {
    String[] load = {"-t", "set,get", "-n", "" + REQUESTS, "-c", "8", "-P", "16", "-q"};
    Process cli = redis.tool("redis-cli").start();
    Process benchmark = redis.tool(Children.WAITING, "redis-benchmark", load)
        .redirectOutput(directory.resolve("benchmark.txt").toFile()).start();
    try (RedisConnection control = new RedisConnection(redis.port())) {
      say(cli, "SETNX early " + secret);
      Map<String, Integer> before = RedisServer.calls(control);
      try (MopProcess mop = MopProcess.start(directory, config(cli, benchmark, hook))) {
        mop.await("OpenSSL is probed", s -> s.counter("receivers.ebpf tls_fast") == 2);
        for (int i = 0; i < LINES; i++) say(cli, i % 2 == 0 ? "SETNX k " + secret : "STRLEN k");
        tell(benchmark, "");
        assertThat(Children.awaitExit(benchmark)).as("exit code").isZero();
        Map<String, Integer> carriedOut = RedisServer.difference(before, RedisServer.calls(control));
        Map<String, Integer> sent = new TreeMap<>(carriedOut);
        sent.remove("INFO"); // by the control, which is not watched
        int all = sum(carriedOut) + sum(sent);
        assertThat(all).isGreaterThan(2 * (2 * REQUESTS + LINES));
        mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") >= all);
        List<TestSpan> spans = sink.taken();
        assertThat(names(spans, 2)).as("spans of the server").isEqualTo(carriedOut);
        assertThat(names(spans, 3)).as("spans of the clients").isEqualTo(sent);
        assertPeers(spans);
        mop.statusByCommand().assertNothingLost();
        assertThat(mop.stop()).as("exit code").isZero();
        assertThat(mop.log()).doesNotContain(secret).doesNotContain("WARN");
      }
      for (OtlpSink.Request request : sink.kept()) {
        assertThat(new String(request.body(), StandardCharsets.ISO_8859_1)).doesNotContain(secret);
      }
    } finally {
      Children.stop(cli);
      Children.stop(benchmark);
    }
  }

  private void assertPeers(List<TestSpan> spans) {
    List<TestSpan> overTls = spans.stream().filter(s -> !s.name().equals("INFO")).toList();
    assertThat(overTls).allSatisfy(s -> {
      assertThat(s.attributes()).containsEntry("db.system.name", "redis")
          .containsEntry("server.address", "127.0.0.1")
          .containsEntry("server.port", (long) redis.tlsPort())
          .containsEntry("network.peer.address", "127.0.0.1");
      assertThat(s.attributes().get("network.peer.port").equals((long) redis.tlsPort())).isEqualTo(s.kind() == 3);
      assertThat(s.end()).isGreaterThanOrEqualTo(s.start());
    });
  }

  private static void tell(Process process, String line) throws IOException {
    process.outputWriter().append(line + "\n").flush();
  }

  /** A line to redis-cli; returns when it has printed the answer. */
  private static void say(Process cli, String line) throws IOException {
    tell(cli, line);
    assertThat(cli.inputReader().readLine()).matches("\\d+");
  }

  private static int sum(Map<String, Integer> counts) {
    return counts.values().stream().mapToInt(Integer::intValue).sum();
  }
}
