package io.mop.plugins.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.Conversation;
import io.mop.testkit.MaskerHarness;
import io.mop.testkit.TestContext;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A recording of real traffic holds no value, and gives the same spans. */
class MaskerTest {
  private static final List<String> VALUES =
      List.of("secret-", "secret8", "nonumber", "psql", "server_version\00015", "MARK", "4711");
  private final TestContext context = new TestContext("protocols.postgresql");

  private List<String> left(Conversation c) {
    return new MaskerHarness(() -> Tap.protocol(context), VALUES, Set.of()).check(c);
  }

  static List<Fixture> fixtures() {
    return Fixture.all().stream().filter(f -> !f.name().equals("cancel")).toList();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void recorded(Fixture f) {
    left(f.conversation());
  }

  @Test
  void statementsLoseTheirLiteralsOnly() {
    String sql = "select 'MARK1', E'it\\'s MARK2', $tMARK$MARK3 $$$tMARK$, 4711.4711e+5, .4711, b'1',"
        + " \"Name\" /* MARK4 */ from t -- MARK5";
    List<String> left = left(startup().request(Tap.query(sql)).response(Tap.complete("SELECT 1") + Tap.ready()));
    assertThat(left.get(0)).contains(
        "select 'xxxxx', E'xxxxxxxxxxx', $xxxxx$xxxxxxxx$xxxxx$, 000000000000, .0000, b'x', \"Name\"            "
            + " from t         ");
  }

  @Test
  void whatASetSetsIsMasked() {
    String sql = "set role to MARK1; set a = MARK2, MARK3; alter role a set b to MARK4";
    List<String> left = left(startup().request(Tap.query(sql)).response(Tap.complete("SET") + Tap.ready()));
    assertThat(left.get(0)).contains("set role to xxxxx; set a = xxxxx, xxxxx; alter role a set b to xxxxx");
  }

  /** What the lexer is not sure of stays unreadable. */
  @Test
  void whatCannotBeReadGoesWhole() {
    List<String> left =
        left(startup().request(Tap.query("select 'a\\' MARK1' from b")).response(Tap.complete("A") + Tap.ready()));
    assertThat(left.get(0)).contains("select\\\\\\\\\\\\").doesNotContain("from");
  }

  @Test
  void parametersRowsAndErrors() {
    List<String> left = left(startup()
        .request(Tap.parse("s", "select a from b where c = $1") + Tap.bind("", "s", "MARK1", "MARK2") + Tap.execute("")
            + Tap.sync())
        .response(Tap.message('1', "") + Tap.message('2', "") + Tap.row("MARK3", "", "MARK4") + Tap.complete("SELECT 1")
            + Tap.ready())
        .request(Tap.query("select 1"))
        .response(Tap.message('E', "SERROR\0C42P01\0MMARK5\0DMARK6\0\0") + Tap.ready()));
    assertThat(left.get(0)).contains("where c = $1", "\0\0\0\5xxxxx\0\0\0\5xxxxx");
    assertThat(left.get(1)).contains("\0\3\0\0\0\5xxxxx\0\0\0\0\0\0\0\5xxxxx", "SERROR\0C42P01\0Mxxxxx\0Dxxxxx\0\0");
  }

  private static Conversation startup() {
    return Conversation.empty()
        .request(Tap.startup("user", "MARKuser", "database", "shop", "options", "MARK7"))
        .response(Tap.message('R', "\0\0\0\0") + Tap.message('S', "application_name\0MARK8\0")
            + Tap.message('K', "MARKkey!") + Tap.ready());
  }
}
