package io.mop.plugins.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.ProtocolHarness;
import io.mop.testkit.TestContext;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real traffic gives the same exchanges wherever it is cut, and no other ones wherever it ends. */
class FixturesTest {
  private final TestContext context = new TestContext("protocols.http");
  private final ProtocolHarness harness = new ProtocolHarness(() -> Tap.protocol(context));

  static List<Fixture> fixtures() {
    return Fixture.all();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void cutAnywhere(Fixture f) {
    assertThat(Tap.exchanges(harness.whole(f.conversation()))).isEqualTo(f.exchanges());
    harness.split(f.conversation());
    assertThat(context.counted()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void endsAnywhere(Fixture f) {
    harness.ended(f.conversation());
    assertThat(context.counted()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void recordedLate(Fixture f) {
    harness.late(f.conversation());
    assertThat(context.counted()).isEmpty();
  }
}
