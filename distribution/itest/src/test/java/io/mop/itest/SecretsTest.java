package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestSpan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Secrets in every place that a protocol has for them, seen at servers and clients: none gets into a span, the log at
 * its finest, a tap or the status.
 */
@NeedsBpf
@Timeout(300)
class SecretsTest {
  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private final List<String> secrets = new ArrayList<>();
  private final List<Process> taps = new ArrayList<>();
  private Nginx nginx;
  private RedisServer redis;
  private Postgresql postgresql;

  @BeforeEach
  void start() throws Exception {
    Postgresql.letNobodyIn(directory);
    nginx = Nginx.start(directory.resolve("nginx"));
    redis = RedisServer.start(directory.resolve("redis"));
    postgresql = Postgresql.start(directory.resolve("postgresql"));
  }

  @AfterEach
  void stop() {
    if (postgresql != null) postgresql.close();
    redis.close();
    nginx.close();
    sink.close();
  }

  /** A new one, of letters and digits. */
  private String secret() {
    String secret = "s" + UUID.randomUUID().toString().replace("-", "");
    secrets.add(secret);
    return secret;
  }

  @Test
  void neverLeave() throws Exception {
    Process curl = new ProcessBuilder("curl", "-s", "-S", "-K", "-").redirectErrorStream(true).start();
    Process cli = redis.tool("redis-cli").start();
    try (MopProcess mop = MopProcess.start(directory, config(curl.pid(), cli.pid()), "--log-level", "trace")) {
      List<Path> shown = List.of(tap("receivers.ebpf"), tap("exporters.otlp"));
      Await.until(
          "both taps are open", () -> request() && shown.stream().allMatch(f -> text(f).contains("/early")), mop::log);
      http();
      curl(curl);
      redis();
      assertThat(write(cli, "AUTH " + secret() + "\nSET key " + secret() + "\nGET key\n")).contains("OK");
      postgresql();
      Await.until("all is seen", this::complete, () -> names() + mop.log());
      String status = mop.statusByCommand().json() + mop.command("plugins").out();
      assertThat(mop.stop()).as("exit code; log: %s", mop.log()).isZero();
      noSecret("the log", mop.log());
      noSecret("the status", status);
      for (Process tap : taps) Children.awaitExit(tap);
      for (Path tap : shown) {
        assertThat(text(tap)).contains("/plain/curl", "INCR", "as parameter");
        noSecret("a tap", text(tap));
      }
      for (OtlpSink.Request request : sink.kept()) {
        noSecret("what was exported", new String(request.body(), StandardCharsets.ISO_8859_1));
      }
    } finally {
      taps.forEach(Process::destroyForcibly);
      curl.destroyForcibly();
      cli.destroyForcibly();
    }
  }

  private String config(long curl, long cli) {
    return """
        receivers:
          ebpf: { ring: 64MiB, select: [ { pid: %d }, { pid: %d }, { pid: %d }, { pid: %d }, { pid: %d } ] }
        exporters:
          otlp: { endpoint: "%s", compression: none }
        service:
          pipelines:
            traces: { receivers: [ebpf], exporters: [otlp] }
        """
        .formatted(nginx.pid(), redis.pid(), postgresql.pid(), curl, cli, sink.url());
  }

  /** What {@code mop tap} shows until MOP ends. */
  private Path tap(String edge) throws IOException {
    Path shown = directory.resolve(edge + ".txt");
    String state = directory.resolve("mop/state").toString();
    ProcessBuilder tap =
        Cli.command(Cli.MOP, directory, Map.of(), "tap", edge, "--rate", "1000/s", "-o", "json", "--state", state);
    taps.add(tap.redirectErrorStream(true).redirectOutput(shown.toFile()).start());
    return shown;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean request() {
    try (HttpConnection c = new HttpConnection(nginx.port())) {
      return c.exchange("GET", "/plain/early?q=" + secret(), "", new byte[0]) == 200;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void http() throws IOException {
    String basic = Base64.getEncoder().encodeToString(("user:" + secret()).getBytes(StandardCharsets.UTF_8));
    secrets.add(basic);
    String headers = "Authorization: Bearer " + secret() + "\r\nProxy-Authorization: Basic " + basic + "\r\nCookie: id="
        + secret() + "; other=" + secret() + "\r\nX-Api-Key: " + secret() + "\r\nReferer: http://a/?t=" + secret() + "\r\n";
    try (HttpConnection c = new HttpConnection(nginx.port())) {
      for (String method : List.of("GET", "HEAD")) {
        c.exchange(method, "/plain/a?token=" + secret() + "&q=" + secret() + "&" + secret(), headers, new byte[0]);
      }
      c.exchange("GET", "/plain/b;jsessionid=" + secret() + "/c?q=%20" + secret(), headers, new byte[0]);
      c.exchange("GET", "/missing/d?a=b=" + secret() + "?" + secret() + "#" + secret(), headers, new byte[0]);
      c.exchange("POST", "/post/e", headers, ("password=" + secret()).getBytes(StandardCharsets.UTF_8));
    }
  }

  private void curl(Process curl) throws Exception {
    String url = "http://user:" + secret() + "@127.0.0.1:" + nginx.port() + "/plain/curl?token=" + secret();
    String data = "cookie = \"id=" + secret() + "\"\ndata = \"password=" + secret() + "\"\n";
    assertThat(write(curl, "url = \"" + url + "\"\n" + data)).contains("a text with a length");
  }

  private void redis() throws IOException {
    try (RedisConnection c = new RedisConnection(redis.port())) {
      assertThat(c.call("AUTH", secret())).startsWith("-");
      assertThat(c.call("AUTH", "user", secret())).startsWith("-");
      assertThat(c.call("HELLO", "3", "AUTH", "user", secret())).startsWith("-");
      assertThat(c.call("SET", secret(), secret())).isEqualTo("+OK");
      assertThat(c.call("EVAL", "return '" + secret() + "'", "0", secret())).startsWith("s");
      assertThat(c.call("CONFIG", "SET", "masterauth", secret())).isEqualTo("+OK");
      assertThat(c.call("ACL", "SETUSER", "u", ">" + secret())).isEqualTo("+OK");
      assertThat(c.call(secret(), secret())).startsWith("-ERR unknown command");
      assertThat(c.call("PUBLISH", "channel" + secret(), secret())).isEqualTo(":0");
      c.send("set inline " + secret() + "\r\n");
      assertThat(c.read()).isEqualTo("+OK");
      assertThat(c.call("GET", "inline")).startsWith("s");
      assertThat(c.call("INCR", "inline")).startsWith("-ERR value");
    }
  }

  private void postgresql() throws Exception {
    postgresql.rows("create table t (a text, b text)");
    for (String sql : List.of(
        "select '" + secret() + "', E'\\\\x" + secret() + "', $$" + secret() + "$$, $tag$" + secret() + "$tag$",
        "insert into t values ('" + secret() + "', '" + secret() + "''" + secret() + "') -- " + secret(),
        "select a from t where b = '" + secret() + "' /* " + secret() + " */",
        "alter role postgres password '" + secret() + "'")) {
      postgresql.rows(sql);
    }
    try {
      postgresql.rows("select '" + secret() + "'::int");
    } catch (AssertionError wrong) {
      assertThat(wrong).hasMessageContaining("invalid input syntax");
    }
    Path script = Files.writeString(directory.resolve("script.sql"), "select length(:secret::text) as parameter;\n");
    Postgresql.letNobodyIn(directory);
    for (String mode : List.of("extended", "prepared")) {
      postgresql.client("pgbench", false, "-n", "-M", mode, "-t", "2", "-D", "secret=" + secret(), "-f",
          script.toString(), "postgres");
    }
  }

  /** To its input, which then ends; what it printed. */
  private static String write(Process process, String text) throws IOException {
    try (var in = process.outputWriter()) {
      in.write(text);
    }
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private List<String> names() {
    return sink.taken().stream()
        .map(s -> s.kind() + " " + s.name() + " " + s.attributes().get("url.path"))
        .sorted()
        .toList();
  }

  /** Whether the last of each is there; they are not all of one connection, so none can stand for all. */
  private boolean complete() {
    List<TestSpan> spans = sink.taken();
    return count(spans, 2, "url.path", "/plain/curl") == 1
        && count(spans, 3, "url.path", "/plain/curl") == 1
        && count(spans, 2, "url.path", "/post/e") == 1
        && count(spans, 2, "db.operation.name", "INCR") == 1
        && count(spans, 2, "db.operation.name", "AUTH") == 3
        && count(spans, 3, "db.operation.name", "AUTH") == 1
        && count(spans, 3, "db.operation.name", "GET") == 1
        && spans.stream().filter(s -> s.toString().contains("as parameter")).count() == 4
        && spans.stream().anyMatch(s -> "22P02".equals(s.attributes().get("db.response.status_code")));
  }

  private static long count(List<TestSpan> spans, int kind, String key, String value) {
    return spans.stream().filter(s -> s.kind() == kind && value.equals(s.attributes().get(key))).count();
  }

  private void noSecret(String where, String text) {
    for (String secret : secrets) {
      assertThat(text.contains(secret)).as("%s has a secret: %s", where, around(text, secret)).isFalse();
    }
  }

  private static String around(String text, String secret) {
    int at = text.indexOf(secret);
    return at < 0 ? "" : text.substring(Math.max(0, at - 100), Math.min(text.length(), at + 100));
  }
}
