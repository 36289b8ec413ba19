package io.mop.plugins.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NormaliserTest {
  private static Statement read(String sql) {
    byte[] b = sql.getBytes(StandardCharsets.UTF_8);
    return Normaliser.read(b, b.length, true);
  }

  private static Statement readStart(String sql) {
    byte[] b = sql.getBytes(StandardCharsets.UTF_8);
    return Normaliser.read(b, b.length, false);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "SELECT 'it''s', E'a\\'b', N'x', U&'\\0041', B'01', x'ff', $$a$$, $t$ $$ $t$|SELECT ?, ?, ?, ?, ?, ?, ?, ?",
        "SELECT 1, 1.5, .5, 1., 1e10, 1.5E-3, 0x1F, 0b01, 0o17, 1_000, -7|SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, -?",
        "SELECT a[1:2], b::int, '1'::text, interval '1 day'|SELECT a[?:?], b::int, ?::text, interval ?",
        "select * from t where a in (1, 'x'::text, -3) and b IN ($1,$2)|select * from t where a in (?) and b IN (?)",
        "select a from t where a in (select 1)|select a from t where a in (select ?)",
        "select a from t where b in (f(1), 2)|select a from t where b in (f(?), ?)",
        "alter role u set a.token = secret|alter role u set a.token = ?",
        "select a -- secret|select a",
        "select /* a /* b */ c */ 1|select ?",
        "select a--5|select a",
        "select 5/*x*/+/*y*/6|select ? + ?",
        "select a   ,\tb|select a , b",
        "select \"A\"\"b\", U&\"x\" from \"S\".\"T\"|select \"A\"\"b\", U&\"x\" from \"S\".\"T\"",
        "select 1; ; |select ?",
        "SET a.b = c d, 'e'; select 1|SET a.b = ?; select ?",
        "set session x to secret|set session x to ?",
        "update t set a = 1|update t set a = ?",
        "select a.b.c, $1, a$1, größe from t|select a.b.c, $1, a$1, größe from t",
        "select 'a' 'b'|select ? ?",
      })
  void texts(String sql, String text) {
    assertThat(read(sql).text()).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "select 'a", "select \"a", "select $$a", "select $t$a$u$", "select /* a", "select 'a\\' secret", "select 1a",
        "select 0xfg", "select $1a", "select $a", "select \\d", "select {", "select \u0001", "select 1$1",
        "select E'a'\n'b\\' secret'"
      })
  void whatIsNotSureIsDropped(String sql) {
    assertThat(read(sql)).isSameAs(Statement.UNREADABLE);
  }

  @Test
  void bytesThatAreNoUtf8AreDropped() {
    byte[] latin1 = "select größe".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(Normaliser.read(latin1, latin1.length, true)).isSameAs(Statement.UNREADABLE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "select * from orders|SELECT orders|SELECT|orders",
        "SELECT 1|SELECT|SELECT|",
        "(select a from b) union select c from d|SELECT b SELECT d|SELECT|",
        "select * from a, b x, only c join d on d.x = a.x, e|SELECT a b c d e|SELECT|",
        "select a from s.t where b in (select c from s.t)|SELECT s.t SELECT s.t|SELECT|s.t",
        "select extract(year from ts), x is distinct from y from t|SELECT t|SELECT|t",
        "select * from generate_series(1, 2) g, t for update of t|SELECT t|SELECT|t",
        "insert into t (a) values (1) on conflict (a) do update set b = 2|INSERT t|INSERT|t",
        "insert into t select * from u|INSERT t SELECT u|INSERT|",
        "update only t set a = 1 from u|UPDATE t|UPDATE|t",
        "delete from t using u where 1 = 1|DELETE t u|DELETE|",
        "merge into t using u on t.a = u.a when matched then update set b = 1|MERGE t u|MERGE|",
        "with x as (select a from t), y (b) as (select 1) select * from x, y, z|SELECT t SELECT SELECT z|SELECT|",
        "with x as materialized (delete from t) insert into u select a from x|DELETE t INSERT u SELECT|INSERT|",
        "copy t (a) from stdin|COPY t|COPY|t",
        "truncate table t, u|TRUNCATE t u|TRUNCATE|",
        "vacuum analyze t|VACUUM t|VACUUM|t",
        "create unique index concurrently i on t (a)|CREATE INDEX|CREATE INDEX|",
        "create temp table if not exists t (a int)|CREATE TABLE t|CREATE TABLE|t",
        "drop table if exists t|DROP TABLE t|DROP TABLE|t",
        "explain analyze select * from t|EXPLAIN SELECT t|EXPLAIN|t",
        "begin|BEGIN|BEGIN|",
        "set search_path to a|SET|SET|",
        "begin; update t set a = 1; commit|BEGIN; UPDATE t; COMMIT||",
        "select * from \"Order Items\"|SELECT \"Order Items\"|SELECT|\"Order Items\"",
        "select nextval('s')|SELECT|SELECT|",
        "grant select on t to u|GRANT|GRANT|",
      })
  void summaries(String sql, String summary, String operation, String collection) {
    Statement s = read(sql);
    assertThat(s.summary()).hasToString(summary);
    assertThat(s.operation()).hasToString(operation == null ? "" : operation);
    assertThat(s.collection()).hasToString(collection == null ? "" : collection);
  }

  @Test
  void aTextIsCutAfterItWasNormalised() {
    String values = "'" + "x".repeat(3000) + "', ";
    assertThat(read("select " + values.repeat(2) + "1 from t").text()).hasToString("select ?, ?, ? from t");
    Statement s = read("select " + "ä, ".repeat(2000) + "1 from t");
    assertThat(s.text().toString()).hasSize(Normaliser.MAX_TEXT).startsWith("select ä, ä").doesNotContain("1");
    assertThat(s.collection()).hasToString("t");
    assertThat(read("select a from " + "\uD83D\uDE00".repeat(1000)).text().toString()).doesNotContain("\uFFFD", "?");
    assertThat(read("select a from " + "t, ".repeat(300) + "t").summary().length()).isBetween(250, 255);
  }

  @Test
  void ofAStartOnlyWholeTokensLeave() {
    assertThat(readStart("select a from b where name = 'secr").text()).hasToString("select a from b where name =");
    assertThat(readStart("select a from b where i in (1, 22, 33").text()).hasToString("select a from b where i in (?");
    Statement s = readStart("select a from orders, ite");
    assertThat(s.text()).hasToString("select a from orders,");
    assertThat(s.summary()).hasToString("SELECT orders");
    assertThat(s.collection()).as("there may be more").hasToString("");
    for (String sql :
        List.of("select E", "select 1 /", "select -", "select $", "select 'a", "select \"a", "select U&")) {
      assertThat(readStart(sql).text().toString()).isIn("select", "select ?", "select U");
    }
  }

  @Test
  void preparedNamesMayMeanSomethingElse() {
    assertThat(read("select 1; deallocate all").forgets()).isTrue();
    assertThat(read("discard all").forgets()).isTrue();
    assertThat(read("select 1").forgets()).isFalse();
  }

  /** Every literal holds the marker; names never do. */
  private static String literal(Random r) {
    String m = "zq" + r.nextInt(1000);
    return switch (r.nextInt(12)) {
      case 0 -> "'" + m + "'";
      case 1 -> "'a''" + m + "''; select '";
      case 2 -> "E'\\'" + m + "\\\\'";
      case 3 -> "'\\\\" + m + "'";
      case 4 -> "$$" + m + "$x$ ' " + m + "$$";
      case 5 -> "$zq$ $$ ' " + m + " $zq$";
      case 6 -> "e'\\\\\\'" + m + "'";
      case 7 -> "U&'\\0061" + m + "' uescape '!'";
      case 8 -> "N'-- " + m + "\n'";
      case 9 -> "/* " + m + " /* ' */ \" */ 1 -- " + m + " '\n";
      case 10 -> "('" + m + "'::varchar(10))";
      default -> "987654" + r.nextInt(1000) + (r.nextBoolean() ? ".5e3" : "");
    };
  }

  private static String sql(Random r) {
    List<String> parts = List.of(
        "select a, ", " from t where x = ", " and y in (", ", ", ") or \"a '\"\"b\" = ", ";insert into t values (", "+",
        "::int, ", " /**/ ", " between $1 and ", "\n");
    StringBuilder b = new StringBuilder("select ");
    for (int n = r.nextInt(12); n >= 0; n--) {
      b.append(parts.get(r.nextInt(parts.size()))).append(' ').append(literal(r)).append(' ');
    }
    return b.toString();
  }

  @Property(tries = 3000)
  void noLiteralSurvives(@ForAll long seed) {
    Random r = new Random(seed);
    String sql = sql(r);
    Statement whole = read(sql);
    assertThat(whole).as(sql).isNotSameAs(Statement.UNREADABLE);
    Statement start = readStart(sql.substring(0, r.nextInt(sql.length() + 1)));
    for (Statement s : List.of(whole, start)) {
      for (Object text : List.of(s.text(), s.summary(), s.operation(), s.collection())) {
        assertThat(text.toString()).as(sql).doesNotContain("zq").doesNotContainPattern("[0-9]{3}");
      }
    }
  }

  /** Whatever the bytes are: nothing is thrown, the bounds hold, and the text is normalised. */
  @Property(tries = 3000)
  void anyBytes(@ForAll long seed) {
    Random r = new Random(seed);
    byte[] b = r.nextBoolean() ? sql(r).getBytes(StandardCharsets.UTF_8) : new byte[r.nextInt(300)];
    if (r.nextBoolean()) r.nextBytes(b);
    byte[] spice = "'\"$\\/*-;(),.eEuU&\n\0 \200".getBytes(StandardCharsets.ISO_8859_1);
    for (int n = r.nextInt(8); n > 0 && b.length > 0; n--) b[r.nextInt(b.length)] = spice[r.nextInt(spice.length)];
    for (boolean whole : new boolean[] {true, false}) {
      Statement s = Normaliser.read(b, b.length, whole);
      String text = s.text().toString();
      assertThat(text.length()).isLessThanOrEqualTo(Normaliser.MAX_TEXT);
      assertThat(s.summary().length()).isLessThanOrEqualTo(255);
      assertThat(text.replaceAll("\"[^\"]*(\"|$)", "")).as("%s without quoted names", text).doesNotContain("'");
    }
  }
}
