package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mop.api.capture.Protocol;
import io.mop.api.plugin.Size;
import io.mop.plugins.http.HttpProbe;
import io.mop.plugins.redis.RedisProbe;
import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.Replay;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code mop record} of the shipped MOP, of unchanged servers and clients. */
@NeedsBpf
@Timeout(300)
class RecordTest {
  private static final String SECRET = "MARKER-";

  @TempDir Path directory;

  private static Protocol http() {
    HttpProbe.Config config = new HttpProbe.Config(new Size(16 << 10), List.of());
    return new HttpProbe().create(config, new TestContext("protocols.http"));
  }

  private static Protocol redis() {
    return new RedisProbe().create(new RedisProbe.Config(), new TestContext("protocols.redis"));
  }

  private static void curl() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "needs /usr/bin/curl");
  }

  private static String text(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }

  @Test
  void aCommandIsRecordedMasked() throws Exception {
    curl();
    Path file = directory.resolve("curl.moprec");
    try (Nginx nginx = Nginx.start(directory.resolve("nginx"))) {
      String url = "http://127.0.0.1:" + nginx.port();
      Cli.Result result = Cli.run(directory, "record", "-o", "curl.moprec", "--", "curl", "-s", "-o", "/dev/null", "-H",
          "Cookie: " + SECRET + 1, "-u", "eve:" + SECRET + 2, "-d", SECRET + 3, url + "/plain/a?customer=" + SECRET + 4,
          url + "/busy/b");
      assertThat(result.code()).as(result.toString()).isZero();
      assertThat(result.err()).matches("mop: 1 connection, \\d+ bytes, 0 lost records in curl\\.moprec\\.\n");
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
    // What curl makes of the user's name and password.
    assertThat(text(file)).contains("POST /plain/a?customer=xxxxxxxx HTTP/1.1", "POST /busy/b")
        .doesNotContain(SECRET, "ZXZlOk1BUktFUi", "a text with a length");
    assertThat(Replay.spans(file, RecordTest::http))
        .extracting(s -> s.attributes().get("url.full").toString().replaceFirst(".*:[0-9]+", ""),
            s -> s.attributes().get("http.response.status_code"))
        .containsExactly(
            tuple("/plain/a?customer=REDACTED", 200L),
            tuple("/busy/b", 503L));
    Cli.Result again = Cli.run(directory, "record", "-o", "curl.moprec", "--", "true");
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).isEqualTo("mop: curl.moprec exists, and is not overwritten.\n");
  }

  @Test
  void rawIsAskedForAndSaid() throws Exception {
    try (RedisServer redis = RedisServer.start(directory.resolve("redis"))) {
      List<String> words = new ArrayList<>(List.of("record", "--raw", "-o", "redis.moprec", "--"));
      words.addAll(redis.tool("redis-cli", "SET", "a", SECRET + 1).command());
      Cli.Result result = Cli.run(directory, words.toArray(String[]::new));
      assertThat(result.code()).as(result.toString()).isZero();
      assertThat(result.err().lines()).first().isEqualTo(
          "mop: Nothing is masked: redis.moprec will hold values and credentials; keep it private.");
      assertThat(text(directory.resolve("redis.moprec"))).contains(SECRET + 1);
    }
  }

  /** The same MOP records and delivers: played again, the recording gives the spans that it delivered. */
  @Test
  void aRecordingGivesTheSpansThatWereDelivered() throws Exception {
    curl();
    Path file = directory.resolve("both.moprec");
    try (OtlpSink sink = new OtlpSink().keepRequests();
        Nginx nginx = Nginx.start(directory.resolve("nginx"));
        RedisServer redis = RedisServer.start(directory.resolve("redis"))) {
      try (MopProcess mop = MopProcess.start(directory, """
          receivers:
            ebpf: { select: [ { pid: %d }, { pid: %d } ], record: { file: "%s" } }
          exporters:
            otlp: { endpoint: %s }
          service:
            pipelines:
              traces: { receivers: [ebpf], exporters: [otlp] }
          """.formatted(nginx.pid(), redis.pid(), file, sink.url()))) {
        String url = "http://127.0.0.1:" + nginx.port();
        run(new ProcessBuilder("/usr/bin/curl", "-s", url + "/plain/a?b=" + SECRET + 1, url + "/chunked/c", "-I", url));
        run(redis.tool("redis-cli", "SET", SECRET + 2, SECRET + 3));
        run(redis.tool("redis-cli", "LPUSH", SECRET + 2, SECRET + 4));
        run(redis.tool("redis-cli", "-n", "3", "GET", SECRET + 2));
        mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") >= 7);
        assertThat(mop.stop()).as("exit code").isZero();
        assertThat(mop.log()).doesNotContain(" ERROR ");
      }
      assertThat(text(file)).doesNotContain(SECRET);
      List<TestSpan> played = Stream.concat(
          Replay.spans(file, RecordTest::http).stream(), Replay.spans(file, RecordTest::redis).stream()).toList();
      assertThat(played).hasSize(7);
      List<String> delivered = sink.taken().stream().filter(s -> s.kind() != 1).map(RecordTest::told).toList();
      assertThat(played.stream().map(RecordTest::told).toList()).containsExactlyInAnyOrderElementsOf(delivered);
    }
  }

  private void run(ProcessBuilder builder) throws Exception {
    Process process = builder.redirectErrorStream(true).redirectOutput(directory.resolve("tool.log").toFile()).start();
    assertThat(Children.awaitExit(process)).as(Files.readString(directory.resolve("tool.log"))).isZero();
  }

  /** All but what is drawn, when it was, and what is masked. */
  private static String told(TestSpan span) {
    Map<String, Object> attributes = new TreeMap<>(span.attributes());
    attributes.remove("user_agent.original");
    return span.name() + " " + span.kind() + " " + span.status() + " " + (span.end() - span.start()) + " " + attributes;
  }
}
