package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestSpan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An unchanged PostgreSQL and its JDBC driver in a JVM of its own, one connection older than MOP: exact on both sides. */
@NeedsBpf
@Timeout(300)
class JdbcToSinkTest {
  private static final String NO_TEXT = "none";

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private final String secret = UUID.randomUUID().toString();
  private Postgresql server;
  private Process client;

  @BeforeEach
  void start() throws Exception {
    Postgresql.letNobodyIn(directory);
    server = Postgresql.start(directory.resolve("postgresql"));
    String java = System.getProperty("java.home") + "/bin/java";
    client = new ProcessBuilder(java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp",
            System.getProperty("java.class.path"), JdbcMain.class.getName(), "" + server.port(), secret)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    assertThat(client.inputReader().readLine()).isEqualTo("ready");
  }

  @AfterEach
  void stop() {
    if (client != null) Children.stop(client);
    if (server != null) server.close();
    sink.close();
  }

  @Test
  void everyStatementIsOneSpanOfEachSide() throws Exception {
    Map<String, Long> statements = statements();
    long all = 2 * statements.values().stream().mapToLong(n -> n).sum();
    try (MopProcess mop = MopProcess.start(directory, config())) {
      client.outputWriter().append("\n").flush();
      assertThat(client.inputReader().readLine()).isEqualTo("done");
      mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") >= all);
      List<TestSpan> spans = sink.taken();
      assertThat(texts(spans, 2)).as("of the server").isEqualTo(statements);
      assertThat(texts(spans, 3)).as("of the client").isEqualTo(statements);
      assertThat(errors(spans)).isEqualTo(Map.of("22012", 2L, "42601", 2L, "57014", 2L, "22P02", 2L));
      assertPeers(spans);
      mop.statusByCommand().assertNothingLost();
      assertThat(mop.stop()).as("exit code").isZero();
      assertThat(mop.log()).doesNotContain(secret);
      for (OtlpSink.Request request : sink.kept()) {
        assertThat(new String(request.body(), StandardCharsets.ISO_8859_1)).doesNotContain(secret);
      }
    }
  }

  /** What {@link JdbcMain} does once it is told to. */
  private static Map<String, Long> statements() {
    Map<String, Long> n = new HashMap<>();
    n.put(NO_TEXT, (long) JdbcMain.PREPARED); // prepared before MOP came
    n.put("SET application_name = ?", 2L); // by the driver, on each connection
    n.put("select $1::text later", (long) JdbcMain.PREPARED);
    n.put("create table notes (id int primary key, note text)", 1L);
    n.put("BEGIN", 2L);
    n.put("insert into notes values ($1, $2)", (long) JdbcMain.BATCH);
    n.put("COMMIT", 1L);
    n.put("select n, $1::text from generate_series(?, $2) n", (long) JdbcMain.ROWS / JdbcMain.FETCHED + 1);
    n.put("ROLLBACK", 1L);
    n.put("copy notes from stdin", 1L);
    n.put("copy notes to stdout", 1L);
    n.put("select ?/?", 1L);
    n.put("selec ?", 1L);
    n.put("select pg_sleep(?)", 1L);
    n.put("select ? afterwards", 1L);
    n.put("select (?)::text simply, (?::int8)::int8", 1L);
    n.put("select ? uno; select ? due", 1L);
    n.put("select ?::int", 1L);
    return n;
  }

  private static Map<Object, Long> errors(List<TestSpan> spans) {
    return spans.stream().filter(s -> s.status() == 2)
        .collect(Collectors.groupingBy(s -> s.attributes().get("error.type"), Collectors.counting()));
  }

  /** The parent of each span of the server is the client's of the same statement. */
  private void assertPeers(List<TestSpan> spans) {
    Map<Long, TestSpan> clients =
        spans.stream().filter(s -> s.kind() == 3).collect(Collectors.toMap(TestSpan::spanId, s -> s));
    assertThat(spans).allSatisfy(s -> assertThat(s.attributes())
        .containsEntry("db.system.name", "postgresql")
        .containsEntry("server.address", "127.0.0.1")
        .containsEntry("server.port", (long) server.port()));
    assertThat(spans).filteredOn(s -> s.kind() == 2).allSatisfy(s -> {
      TestSpan parent = clients.remove(s.parentId());
      assertThat(text(s)).isEqualTo(text(parent));
    });
    assertThat(clients).isEmpty();
  }

  private static String text(TestSpan s) {
    return String.valueOf(s.attributes().getOrDefault("db.query.text", NO_TEXT));
  }

  private static Map<String, Long> texts(List<TestSpan> spans, int kind) {
    return spans.stream().filter(s -> s.kind() == kind)
        .collect(Collectors.groupingBy(JdbcToSinkTest::text, Collectors.counting()));
  }

  private String config() {
    return """
        receivers:
          ebpf: { select: [ { pid: %d }, { pid: %d } ], ring: 64MiB }
        exporters:
          otlp:
            endpoint: "%s"
            retry_on_failure: { initial_interval: 50ms, max_interval: 500ms }
        service:
          pipelines:
            traces: { receivers: [ebpf], exporters: [otlp] }
        """
        .formatted(server.pid(), client.pid(), sink.url());
  }
}
