package io.mop.plugins.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.TestConnection;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresqlProbeTest {
  private static final String STARTUP = Tap.startup("user", "eve", "database", "shop");
  private static final String WELCOME = Tap.message('R', Tap.int32(0)) + Tap.message('K', "secretky") + Tap.ready();
  private static final String ONE = Tap.columns("a") + Tap.row("1") + Tap.complete("SELECT 1") + Tap.ready();

  private final TestContext context = new TestContext("protocols.postgresql");
  private final TestConnection tap = TestConnection.atServer(Tap.protocol(context));

  private TestConnection started() {
    return tap.request(STARTUP).response(WELCOME);
  }

  private TestConnection part(boolean request, String bytes, int captured) {
    return tap.data(request, bytes.getBytes(StandardCharsets.ISO_8859_1), captured);
  }

  private List<String> statements() {
    return Tap.statements(tap.check().spans());
  }

  @Test
  void aSpan() {
    started().request(Tap.query("select a from orders where id = 5")).response(ONE);
    TestSpan span = tap.spans().get(0);
    assertThat(span.name()).isEqualTo("SELECT orders");
    assertThat(span.end() - span.start()).isEqualTo(1000);
    assertThat(span.attributes())
        .containsAllEntriesOf(
            Map.of(
                "db.system.name", "postgresql",
                "db.namespace", "shop",
                "db.operation.name", "SELECT",
                "db.collection.name", "orders",
                "db.query.summary", "SELECT orders",
                "db.query.text", "select a from orders where id = ?"))
        .doesNotContainKeys("error.type", "db.response.status_code");
  }

  @Test
  void anErrorHasItsCodeAndNotItsText() {
    started().request(Tap.query("select a from b")).response(Tap.error("42P01") + Tap.ready());
    assertThat(tap.spans().get(0).attributes())
        .containsEntry("db.response.status_code", "42P01")
        .containsEntry("error.type", "42P01");
    assertThat(tap.spans().get(0).status()).isEqualTo(2);
    assertThat(tap.spans().toString()).doesNotContain("secret");
  }

  @Test
  void theTextMayBeLeftOut() {
    TestConnection quiet = TestConnection.atClient(Tap.protocol(context, false));
    quiet.request(Tap.startup("user", "eve")).response(WELCOME).request(Tap.query("select a from b")).response(ONE);
    assertThat(quiet.spans()).singleElement().satisfies(s -> {
      assertThat(s.attributes()).doesNotContainKey("db.query.text").containsEntry("db.namespace", "eve");
      assertThat(s.name()).isEqualTo("SELECT b");
    });
  }

  @Test
  void anOpenConnectionIsTakenAtItsNextStatement() {
    tap.request("rest of a statement").response("rest of a row" + Tap.ready());
    tap.request(Tap.query("select 1")).response(ONE);
    tap.connect().response(ONE).request(Tap.query("select a from b")).response(ONE);
    tap.connect().request(Tap.bind("", "s1") + Tap.execute("") + Tap.sync());
    tap.response(Tap.message('2', "") + Tap.row("1") + Tap.complete("SELECT 1") + Tap.ready());
    assertThat(statements()).containsExactly("select ?", "select a from b", "<test>");
    assertThat(context.counted()).containsExactly(Map.entry("unknown_statements", 1L));
    assertThat(tap.count("responses_unmatched")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"S", "G"})
  void anEncryptedConnectionIsLeft(String answer) {
    tap.request(Tap.int32(8) + Tap.int32(answer.equals("S") ? Message.SSL_REQUEST : Message.GSSENC_REQUEST));
    tap.response(answer).request("\26\3\1\0\5hello").response("\26\3\3\0\5hello");
    assertThat(tap.check().count("connections_left", answer.equals("S") ? "tls" : "gssapi")).isEqualTo(1);
    assertThat(context.counted()).isEmpty();
  }

  @Test
  void refusedEncryptionGoesOnInPlain() {
    tap.request(Tap.int32(8) + Tap.int32(Message.GSSENC_REQUEST)).response("N");
    tap.request(Tap.int32(8) + Tap.int32(Message.SSL_REQUEST)).response("N");
    started().request(Tap.query("select 1")).response(ONE);
    assertThat(statements()).containsExactly("select ?");
    assertThat(tap.spans().get(0).attributes()).containsEntry("db.namespace", "shop");
  }

  @Test
  void whatIsToldUnaskedMayComeAnywhere() {
    String told = Tap.message('N', "SNOTICE\0C00000\0Msecret\0\0") + Tap.message('A', Tap.int32(7) + "events\0secret\0")
        + Tap.message('S', "TimeZone\0UTC\0");
    started().response(told).request(Tap.query("select 1"));
    tap.response(told + Tap.columns("a") + told + Tap.row("1") + told);
    tap.response(Tap.complete("SELECT 1") + told + Tap.ready() + told);
    tap.request(Tap.query("select a from b")).response(ONE);
    assertThat(statements()).containsExactly("select ?", "select a from b");
  }

  @Test
  void rowsThatWereNotCapturedArePassedOver() {
    started().request(Tap.query("select a from b"));
    String rows = Tap.row("x".repeat(50)).repeat(200);
    part(false, Tap.columns("a") + rows, 300);
    part(false, rows, 64);
    tap.response("x".repeat(20) + Tap.row("y") + Tap.complete("SELECT 401") + Tap.ready());
    tap.request(Tap.parse("", "select c from d") + Tap.bind("", "") + Tap.execute("") + Tap.sync());
    part(false, Tap.message('1', "") + Tap.message('2', "") + rows, 20);
    tap.response(rows.substring(3) + Tap.error("57014") + Tap.ready());
    tap.request(Tap.query("select 1")).response(ONE);
    assertThat(statements()).containsExactly("select a from b", "select c from d !57014", "select ?");
    assertThat(tap.spans().get(0).end() - tap.spans().get(0).start()).isEqualTo(3000);
    assertThat(tap.count("resyncs")).isZero();
  }

  @Test
  void rowsEndWhereTheNextAnswerBegins() {
    started().request(Tap.query("select a from b"));
    String rows = Tap.row("x".repeat(50)).repeat(200);
    part(false, Tap.columns("a") + rows + Tap.complete("SELECT 200") + Tap.ready(), 4096);
    tap.request(Tap.parse("", "select c from d") + Tap.bind("", "") + Tap.execute("") + Tap.sync());
    part(false, Tap.message('1', "") + Tap.message('2', "") + rows + Tap.complete("SELECT 200") + Tap.ready(), 4096);
    tap.request(Tap.query("select 1")).response(ONE).request(Tap.query("select e from f"));
    part(false, Tap.columns("a") + rows + Tap.complete("SELECT 200") + Tap.ready(), 4096);
    tap.request(Tap.message('X', "")).close();
    assertThat(statements()).containsExactly("select a from b", "select c from d", "select ?", "select e from f");
    assertThat(tap.spans()).allSatisfy(s -> assertThat(s.end() - s.start()).isEqualTo(1000));
    assertThat(tap.count("resyncs")).isZero();
  }

  @Test
  void rowsOfSeveralStatementsUnderWayAreNot() {
    started().request(Tap.query("select a from b") + Tap.query("select c from d"));
    part(false, Tap.columns("a") + Tap.row("x".repeat(50)).repeat(20) + ONE + ONE, 300);
    tap.later(2_000_000_000L).request(Tap.query("select 1")).response(ONE);
    tap.later(2_000_000_000L).request(Tap.query("select 2")).response(ONE);
    assertThat(statements()).contains("select ?").doesNotContain("select a from b", "select c from d");
    assertThat(tap.count("exchanges_incomplete", "cut")).isEqualTo(2);
  }

  @Test
  void aCopyThatWasNotCapturedIsPassedOver() {
    started().request(Tap.query("copy a from stdin")).response(Tap.message('G', "\0" + Tap.int16(0)));
    String lines = Tap.message('d', "x".repeat(40)).repeat(100);
    part(true, lines, 100);
    part(true, lines.substring(7) + Tap.message('c', ""), 100);
    tap.response(Tap.complete("COPY 200") + Tap.ready());
    tap.request(Tap.query("copy b to stdout"));
    part(false, Tap.message('H', "\0" + Tap.int16(0)) + lines, 100);
    tap.response(lines.substring(20) + Tap.message('c', "") + Tap.complete("COPY 3") + Tap.ready());
    assertThat(statements()).containsExactly("copy a from stdin", "copy b to stdout");
    assertThat(tap.count("resyncs")).isZero();
  }

  @Test
  void ofAStatementThatWasNotCapturedToItsEndThereIsTheStart() {
    started();
    String insert = Tap.query("insert into a values " + "(1, 'secret'), ".repeat(1000) + "(2, 'secret')");
    part(true, insert, 100).response(Tap.complete("INSERT 0 1001") + Tap.ready());
    tap.request(insert).response(Tap.complete("INSERT 0 1001") + Tap.ready());
    assertThat(tap.check().spans()).hasSize(2).allSatisfy(s -> {
      assertThat(s.name()).isEqualTo("INSERT a");
      assertThat(s.attributes().get("db.query.text").toString()).startsWith("insert into a values (?, ?),");
      assertThat(s.toString()).doesNotContain("secret");
    });
  }

  @Test
  void preparedStatementsAreBounded() {
    started();
    for (int i = 0; i < 6; i++) {
      tap.request(Tap.parse("s" + i, "select a from t" + i) + Tap.sync()).response(Tap.message('1', "") + Tap.ready());
    }
    for (int i : new int[] {1, 2, 5}) run("s" + i);
    tap.request(Tap.query("deallocate all")).response(Tap.complete("DEALLOCATE ALL") + Tap.ready());
    run("s5");
    assertThat(statements())
        .containsExactly("<test>", "select a from t2", "select a from t5", "deallocate all", "<test>");
    assertThat(context.counted()).containsExactly(Map.entry("unknown_statements", 2L));
  }

  private void run(String name) {
    tap.request(Tap.bind("", name) + Tap.execute("") + Tap.sync());
    tap.response(Tap.message('2', "") + Tap.row("1") + Tap.complete("SELECT 1") + Tap.ready());
  }

  @Test
  void aServiceHasAHundredTables() {
    started();
    for (int i = 1; i <= 101; i++) tap.request(Tap.query("select a from t" + i)).response(ONE);
    assertThat(tap.spans().get(99).attributes()).containsEntry("db.collection.name", "t100");
    assertThat(tap.spans().get(100).attributes()).containsEntry("db.collection.name", "other");
  }

  @Test
  void whatTheServerSkipsIsDiscarded() {
    started();
    String batch = Tap.parse("", "select a from b") + Tap.bind("", "") + Tap.execute("");
    tap.request(batch + batch + batch + Tap.sync());
    String done = Tap.message('1', "") + Tap.message('2', "");
    tap.response(done + Tap.complete("SELECT 0") + done + Tap.error("22012") + Tap.ready());
    tap.request(Tap.query("select 1")).response(ONE);
    assertThat(statements()).containsExactly("select a from b", "select a from b !22012", "select ?");
    assertThat(tap.count("exchanges_discarded", "skipped")).isEqualTo(1);
  }

  @Test
  void thousandsInOnePipeline() {
    started();
    int n = 1000;
    tap.request((Tap.bind("", "") + Tap.execute("")).repeat(n) + Tap.sync());
    tap.response((Tap.message('2', "") + Tap.complete("SELECT 0")).repeat(n) + Tap.ready());
    assertThat(statements()).hasSize(n);
  }

  @Test
  void otherProtocolsAreNotTaken() {
    for (String other :
        List.of(
            "GET / HTTP/1.1\r\n\r\n", "*1\r\n$4\r\nPING\r\n", "PING\r\n", "\0\0\0\10\4\322\26\57x", "\26\3\1\2\0\1\0\1",
            "\0\0\0\24\0\3\0\0\0\0\0\1\0\4abcd\0\0\0\0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "Q\0\0\0\12select",
            "S\0\0\0\5\0")) {
      tap.connect().request(other).response("+OK\r\n").request(other);
    }
    assertThat(tap.spans()).isEmpty();
    assertThat(tap.count("exchanges")).isZero();
  }
}
