package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestSpan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An unchanged PostgreSQL, pgbench and the shipped MOP: three counts of the same statements, exactly. */
@NeedsBpf
@Timeout(300)
class PostgresqlToSinkTest {
  private static final int CLIENTS = 4;
  private static final int TRANSACTIONS = 250;
  private static final String SELECT = "SELECT abalance FROM pgbench_accounts WHERE aid = ";
  private static final Pattern PROCESSED = Pattern.compile("actually processed: (\\d+)/(\\d+)");

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private Postgresql server;

  @BeforeEach
  void start() throws Exception {
    Postgresql.letNobodyIn(directory);
    server = Postgresql.start(directory.resolve("postgresql"));
    server.client("pgbench", true, "-i", "-q", "postgres");
    server.rows("create extension pg_stat_statements");
  }

  @AfterEach
  void stop() {
    if (server != null) server.close();
    sink.close();
  }

  @Test
  void everyStatementIsOneSpan() throws Exception {
    List<Process> early = List.of(server.open(false), server.open(true));
    try (MopProcess mop = MopProcess.start(directory, config())) {
      for (Process psql : early) finish(psql);
      int selects = 0;
      for (String mode : List.of("simple", "extended", "prepared")) {
        for (boolean unix : new boolean[] {false, true}) selects += bench(mode, unix);
      }
      assertThat(selects).isEqualTo(6 * CLIENTS * TRANSACTIONS);
      big();
      assertThat(server.rows("select sum(calls) from pg_stat_statements where query like '" + SELECT + "%'"))
          .as("what the server has executed")
          .containsExactly("" + selects);
      Await.until("the last statement is delivered", () -> texts().contains("select sum(calls) from pg_stat_statements"
          + " where query like ?"), () -> mop.status() + mop.log());
      mop.await("the books are closed", s -> s.traces("exporters.otlp", "out")
          == s.counter("receivers.ebpf capture_exchanges_completed"));
      List<String> texts = texts();
      assertThat(texts.stream().filter((SELECT + "?")::equals)).as("simple").hasSize(selects / 3);
      assertThat(texts.stream().filter((SELECT + "$1")::equals)).as("extended and prepared").hasSize(selects / 3 * 2);
      assertThat(texts.stream().filter("select ? early"::equals)).as("on connections from before MOP").hasSize(2);
      assertThat(texts)
          .contains("select repeat(?, n) from generate_series(?, ?) n", "COPY big FROM STDIN", "COPY big TO STDOUT");
      assertThat(sink.taken()).allSatisfy(PostgresqlToSinkTest::assertSpan);
      mop.statusByCommand().assertNothingLost();
      assertThat(mop.stop()).as("exit code; log: %s", mop.log()).isZero();
    }
  }

  static void finish(Process psql) throws Exception {
    try (var in = psql.outputWriter()) {
      in.write("select 'secret' early;\n");
    }
    assertThat(psql.inputReader().lines()).containsExactly("secret");
    assertThat(Children.awaitExit(psql)).isZero();
  }

  /** Reads one row of many; answers how many transactions pgbench has counted. */
  private int bench(String mode, boolean unix) throws Exception {
    String[] load = {"-n", "-S", "-M", mode, "-c", "" + CLIENTS, "-t", "" + TRANSACTIONS, "postgres"};
    String said = server.client("pgbench", unix, load);
    Matcher counted = PROCESSED.matcher(said);
    assertThat(counted.find()).as(said).isTrue();
    assertThat(counted.group(1)).as(said).isEqualTo(counted.group(2));
    return Integer.parseInt(counted.group(1));
  }

  /** Results and copies that are longer than what is captured of a system call. */
  private void big() throws Exception {
    List<String> commands = new ArrayList<>(List.of("-X", "-q", "-o", "/dev/null"));
    for (String sql : List.of(
        "create table big (a text)", "select repeat('secret-1', n) from generate_series(1, 300) n",
        "\\copy big from program 'seq -f secret%020g 1 3000'", "\\copy big to /dev/null", "select 'secret-2'")) {
      commands.addAll(List.of("-c", sql));
    }
    commands.add("postgres");
    for (boolean unix : new boolean[] {false, true}) {
      server.client("psql", unix, commands.toArray(String[]::new));
      server.rows("drop table big");
    }
  }

  private List<String> texts() {
    return sink.taken().stream().map(s -> String.valueOf(s.attributes().get("db.query.text"))).toList();
  }

  private static void assertSpan(TestSpan s) {
    assertThat(s.kind()).isEqualTo(2);
    assertThat(s.status()).isZero();
    assertThat(s.end()).isGreaterThanOrEqualTo(s.start());
    assertThat(s.name()).isEqualTo(s.attributes().get("db.query.summary"));
    assertThat(s.attributes()).containsEntry("db.system.name", "postgresql");
    if (!s.attributes().get("db.query.text").equals("select ? early")) {
      assertThat(s.attributes()).containsEntry("db.namespace", "postgres");
    }
    assertThat(s.toString()).doesNotContain("secret");
  }

  private String config() {
    return """
        receivers:
          ebpf: { select: [ { pid: %d } ], ring: 64MiB }
        exporters:
          otlp: { endpoint: "%s" }
        service:
          pipelines:
            traces: { receivers: [ebpf], exporters: [otlp] }
        """
        .formatted(server.pid(), sink.url());
  }
}
