package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestSpan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An unchanged PostgreSQL and psql over TLS, which began after words in plain text and before MOP: three counts of the same
 * statements, exactly.
 */
@NeedsBpf
@Timeout(300)
class PostgresqlTlsTest {
  private static final int SESSIONS = 3;
  private static final int STATEMENTS = 200;
  private static final String SELECT = "select repeat(?, ?) ";

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private final List<Process> sessions = new ArrayList<>();
  private Postgresql server;

  @BeforeEach
  void start() throws Exception {
    Postgresql.letNobodyIn(directory);
    server = Postgresql.tls(directory.resolve("postgresql"));
    server.rows("create extension pg_stat_statements");
    for (int i = 0; i < SESSIONS; i++) sessions.add(server.open(false));
  }

  @AfterEach
  void stop() {
    sessions.forEach(Children::stop);
    if (server != null) server.close();
    sink.close();
  }

  @ParameterizedTest(name = "hook {0}")
  @ValueSource(strings = {"sock", "sys_exit"})
  void everyStatementIsOneSpanOfEachSide(String hook) throws Exception {
    try (MopProcess mop = MopProcess.start(directory, config(hook))) {
      // The postmaster, its helpers, a process for each session, and the sessions themselves.
      mop.await("OpenSSL is probed", s -> s.counter("receivers.ebpf tls_fast") > 2 * SESSIONS + 3);
      for (int i = 0; i < SESSIONS; i++) {
        try (var in = sessions.get(i).outputWriter()) {
          for (int j = 1; j <= STATEMENTS; j++) in.write("select repeat('secret', " + j + ") of_a_session;\n");
          in.write("select 1/0;\n");
        }
        Postgresql.finish(sessions.get(i));
      }
      int all = SESSIONS * STATEMENTS;
      assertThat(server.rows("select sum(calls) from pg_stat_statements where query like '%of_a_session'"))
          .as("what the server has executed")
          .containsExactly("" + all);
      for (int kind : new int[] {2, 3}) {
        Await.until("all is delivered", () -> count(texts(kind), SELECT) >= all, () -> mop.status() + mop.log());
        assertThat(count(texts(kind), SELECT)).as("of kind %d", kind).isEqualTo(all);
        assertThat(Collections.frequency(texts(kind), "select ?/?")).as("errors of kind %d", kind).isEqualTo(SESSIONS);
      }
      assertThat(sink.taken()).allSatisfy(this::assertSpan);
      mop.statusByCommand().assertNothingLost();
      assertThat(mop.stop()).as("exit code; log: %s", mop.log()).isZero();
      assertThat(mop.log()).doesNotContain("secret");
    }
  }

  private List<String> texts(int kind) {
    return sink.taken().stream().filter(s -> s.kind() == kind)
        .map(s -> String.valueOf(s.attributes().get("db.query.text"))).toList();
  }

  private static long count(List<String> texts, String begins) {
    return texts.stream().filter(t -> t.startsWith(begins)).count();
  }

  private void assertSpan(TestSpan s) {
    assertThat(s.attributes()).containsEntry("db.system.name", "postgresql");
    assertThat(s.name()).isEqualTo(s.attributes().get("db.query.summary"));
    assertThat(s.end()).isGreaterThanOrEqualTo(s.start());
    String text = s.attributes().get("db.query.text").toString();
    if (text.equals("select ?/?")) assertThat(s.attributes()).containsEntry("error.type", "22012");
    if (text.contains("pg_stat_statements")) return; // over the unix socket
    assertThat(s.attributes()).containsEntry("server.address", "127.0.0.1")
        .containsEntry("server.port", (long) server.port());
    assertThat(s.toString()).doesNotContain("secret");
  }

  private String config(String hook) {
    return """
        receivers:
          ebpf: { select: [ { pid: %d }%s ], ring: 64MiB, hook: %s }
        exporters:
          otlp: { endpoint: "%s" }
        service:
          pipelines:
            traces: { receivers: [ebpf], exporters: [otlp] }
        """
        .formatted(
            server.pid(), sessions.stream().map(s -> ", { pid: " + s.pid() + " }").collect(Collectors.joining()), hook,
            sink.url());
  }
}
