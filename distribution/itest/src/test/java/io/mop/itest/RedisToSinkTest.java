package io.mop.itest;

import static io.mop.itest.RedisConnection.command;
import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestSpan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An unchanged Redis server and client: the server's own statistics and the spans count the same commands, exactly. */
@NeedsBpf
@Timeout(300)
class RedisToSinkTest {
  private static final int REQUESTS = 50_000;
  private static final int CLIENTS = 8;
  private static final int LINES = 500;

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private final String secret = UUID.randomUUID().toString();
  private RedisServer redis;

  @BeforeEach
  void start() {
    redis = RedisServer.start(directory.resolve("redis"));
  }

  @AfterEach
  void stop() {
    redis.close();
    sink.close();
  }

  @Test
  void everyCommandIsOneSpan() throws Exception {
    Process cli = redis.tool("redis-cli").start();
    try (RedisConnection control = new RedisConnection(redis.port());
        RedisConnection early = new RedisConnection(redis.port());
        BufferedReader said = new BufferedReader(new InputStreamReader(cli.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(early.call("SET", "early", secret)).isEqualTo("+OK");
      say(cli, said, "STRLEN early");
      Map<String, Integer> before = RedisServer.calls(control);
      try (MopProcess mop = MopProcess.start(directory, config(cli.pid()))) {
        for (int i = 0; i < LINES; i++) say(cli, said, i % 2 == 0 ? "SETNX k " + secret : "STRLEN k");
        benchmark(32);
        benchmark(1);
        for (RedisConnection c : List.of(early, new RedisConnection(redis.port()))) {
          try (c) {
            talk(c);
          }
        }
        Map<String, Integer> carriedOut = RedisServer.difference(before, RedisServer.calls(control));
        int all = carriedOut.values().stream().mapToInt(Integer::intValue).sum() + LINES;
        mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") >= all);
        List<TestSpan> spans = sink.taken();
        assertThat(names(spans, 2)).as("spans of the server").isEqualTo(carriedOut);
        assertThat(names(spans, 3))
            .as("spans of the client")
            .isEqualTo(Map.of("SETNX", LINES / 2, "STRLEN", LINES / 2));
        assertThat(sink.distinctSpanIds()).isEqualTo(all);
        assertThat(linked(spans)).as("commands of the client at the server").isEqualTo(LINES);
        assertThat(spans).allSatisfy(s -> {
          assertThat(s.attributes()).containsEntry("db.system.name", "redis")
              .containsEntry("server.port", (long) redis.port());
          assertThat(s.end()).isGreaterThanOrEqualTo(s.start());
        });
        assertThat(errors(spans)).isEqualTo(Map.of("WRONGTYPE", 4L));
        mop.statusByCommand().assertNothingLost();
        assertThat(mop.stop()).as("exit code").isZero();
        assertThat(mop.log()).doesNotContain(secret);
      }
      for (OtlpSink.Request request : sink.kept()) {
        assertThat(new String(request.body(), StandardCharsets.ISO_8859_1)).doesNotContain(secret);
      }
    } finally {
      Children.stop(cli);
    }
  }

  /** Spans of the server whose parent is the client's span of the same command; none has another parent. */
  private static int linked(List<TestSpan> spans) {
    Map<Long, String> clients =
        spans.stream().filter(s -> s.kind() == 3).collect(Collectors.toMap(TestSpan::spanId, TestSpan::name));
    List<TestSpan> children = spans.stream().filter(s -> s.parentId() != 0).toList();
    assertThat(children).allSatisfy(s -> assertThat(s.name()).isEqualTo(clients.get(s.parentId())));
    return children.size();
  }

  private String config(long cli) {
    return """
        receivers:
          ebpf: { select: [ { pid: %d }, { pid: %d } ], ring: 64MiB }
        exporters:
          otlp:
            endpoint: %s
            retry_on_failure: { initial_interval: 50ms, max_interval: 500ms }
        service:
          pipelines:
            traces: { receivers: [ebpf], exporters: [otlp] }
        """
        .formatted(redis.pid(), cli, sink.url());
  }

  /** A line to redis-cli, which was started before MOP; returns when it has printed the answer. */
  private static void say(Process cli, BufferedReader said, String line) throws IOException {
    OutputStream to = cli.getOutputStream();
    to.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    to.flush();
    assertThat(said.readLine()).matches("\\d+");
  }

  private void benchmark(int depth) throws Exception {
    Process benchmark =
        redis.tool("redis-benchmark", "-t", "set,get", "-n", "" + REQUESTS, "-c", "" + CLIENTS, "-P", "" + depth, "-q")
            .redirectOutput(directory.resolve("benchmark.txt").toFile())
            .start();
    assertThat(Children.awaitExit(benchmark)).as("exit code").isZero();
  }

  /** Everything that makes it hard: 2 errors, no command that is refused before it is carried out. */
  private void talk(RedisConnection c) throws IOException {
    pipeline(c);
    assertThat(c.call("SELECT", "5")).isEqualTo("+OK");
    assertThat(c.call("SET", "big", secret.repeat(30_000))).isEqualTo("+OK");
    assertThat(c.call("GET", "big")).hasSize(36 * 30_000);
    c.send(command("MULTI") + command("RPUSH", "list", secret) + command("INCR", "list") + command("EXEC"));
    for (String reply : List.of("+OK", "+QUEUED", "+QUEUED")) assertThat(c.read()).isEqualTo(reply);
    assertThat(c.read()).contains("WRONGTYPE");
    c.send("INCR list\r\n\r\n lpush list '" + secret + " and more'\r\n");
    assertThat(c.read()).startsWith("-WRONGTYPE");
    assertThat(c.read()).startsWith(":");
    c.send(command("CLIENT", "REPLY", "OFF") + command("APPEND", "a", secret) + command("STRLEN", "a"));
    c.send(command("CLIENT", "REPLY", "ON") + command("CLIENT", "REPLY", "SKIP") + command("TTL", "a"));
    assertThat(c.read()).isEqualTo("+OK");
    blocking(c);
    subscriber(c);
    assertThat(c.call("FLUSHDB")).isEqualTo("+OK");
  }

  private static void pipeline(RedisConnection c) throws IOException {
    for (int round = 0; round < 50; round++) {
      StringBuilder commands = new StringBuilder();
      for (int i = 0; i < 16; i++) commands.append(command("HSET", "h", "f" + i, "v")).append(command("HLEN", "h"));
      c.send(commands.toString());
      for (int i = 0; i < 32; i++) assertThat(c.read()).startsWith(":");
    }
  }

  private void blocking(RedisConnection c) throws IOException {
    try (RedisConnection other = new RedisConnection(redis.port())) {
      assertThat(other.call("SELECT", "5")).isEqualTo("+OK");
      c.send(command("BLPOP", "jobs", "0") + command("EXISTS", "jobs"));
      assertThat(other.call("RPUSH", "jobs", secret)).startsWith(":");
    }
    assertThat(c.read()).isEqualTo("jobs " + secret);
    assertThat(c.read()).isEqualTo(":0");
  }

  /** By RESP2, then by RESP3 with commands between. */
  private void subscriber(RedisConnection c) throws IOException {
    try (RedisConnection publisher = new RedisConnection(redis.port())) {
      for (String version : List.of("2", "3")) {
        c.call("HELLO", version);
        c.send(command("SUBSCRIBE", "one", "two"));
        assertThat(c.read()).isEqualTo("subscribe one :1");
        assertThat(c.read()).isEqualTo("subscribe two :2");
        for (int i = 0; i < 20; i++) {
          assertThat(publisher.call("PUBLISH", "one", secret)).isEqualTo(":1");
          assertThat(c.read()).isEqualTo("message one " + secret);
          assertThat(c.call("PING")).contains(version.equals("2") ? "pong" : "+PONG");
        }
        c.send(command("UNSUBSCRIBE"));
        assertThat(List.of(c.read(), c.read())).allMatch(s -> s.startsWith("unsubscribe "));
      }
    }
  }

  /** How many there are of each name. */
  static Map<String, Integer> names(List<TestSpan> spans, int kind) {
    Map<String, Integer> names = new TreeMap<>();
    for (TestSpan s : spans) if (s.kind() == kind) names.merge(s.name(), 1, Integer::sum);
    return names;
  }

  private static Map<Object, Long> errors(List<TestSpan> spans) {
    List<Object> errors = new ArrayList<>();
    for (TestSpan s : spans) if (s.attributes().containsKey("error.type")) errors.add(s.attributes().get("error.type"));
    return errors.stream().collect(Collectors.groupingBy(e -> e, Collectors.counting()));
  }
}
