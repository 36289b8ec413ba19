package io.mop.plugins.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.capture.Protocol;
import io.mop.testkit.ProtocolHarness;
import io.mop.testkit.TestConnection;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real traffic gives the same spans wherever it is cut, and no other ones whatever of it is missing. */
class FixturesTest {
  private final TestContext context = new TestContext("protocols.postgresql");
  private final ProtocolHarness harness = new ProtocolHarness(() -> Tap.protocol(context));

  static List<Fixture> fixtures() {
    return Fixture.all();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void everyStatementIsOneSpan(Fixture f) {
    List<TestSpan> spans = harness.whole(f.conversation());
    assertThat(Tap.statements(spans)).isEqualTo(f.statements());
    assertThat(spans).allSatisfy(s -> {
      assertThat(s.toString()).doesNotContain("secret-", "secret8", "nonumber");
      assertThat(s.attributes()).containsEntry("db.system.name", "postgresql").containsKey("db.namespace");
    });
    assertThat(context.counted()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void cutAnywhere(Fixture f) {
    harness.split(f.conversation());
    assertThat(context.counted()).isEmpty();
  }

  /** Less may be known of a statement then: its name may be of a Parse that is missing, its text be cut. */
  @ParameterizedTest
  @MethodSource("fixtures")
  void disturbed(Fixture f) {
    for (boolean server : new boolean[] {true, false}) {
      for (Disturbed disturbed : Disturbed.values()) {
        for (int n = 0; n < disturbed.times(f.conversation()); n++) {
          assertSome(disturbed + " " + n, f.statements(), disturbed.play(connection(server), f.conversation(), n));
        }
      }
    }
  }

  private TestConnection connection(boolean server) {
    Protocol protocol = Tap.protocol(context);
    return server ? TestConnection.atServer(protocol) : TestConnection.atClient(protocol);
  }

  /** Those that are there are some of the whole, in its order. */
  private static void assertSome(String how, List<String> whole, List<TestSpan> spans) {
    int at = 0;
    for (String s : Tap.statements(spans)) {
      while (at < whole.size() && !mayBe(whole.get(at), s)) at++;
      assertThat(at).as("%s: %s of %s", how, Tap.statements(spans), whole).isLessThan(whole.size());
      at++;
    }
  }

  private static boolean mayBe(String whole, String seen) {
    String[] expected = whole.split(" !");
    String[] parts = seen.split(" !");
    boolean known = parts[0].equals("<test>") || expected[0].startsWith(parts[0]);
    if (!known || parts.length != expected.length) return false;
    return parts.length == 1 || parts[1].equals("_OTHER") || parts[1].equals(expected[1]);
  }
}
