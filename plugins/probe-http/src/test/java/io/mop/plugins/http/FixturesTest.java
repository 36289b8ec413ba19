package io.mop.plugins.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.capture.Counters;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real traffic gives the same exchanges wherever it is cut. */
class FixturesTest {
  static List<Fixture> fixtures() {
    return Fixture.all();
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void atTheServer(Fixture f) {
    everywhere(f, true);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void atTheClient(Fixture f) {
    everywhere(f, false);
  }

  private static void everywhere(Fixture f, boolean server) {
    List<Map<String, String>> whole = run(f, server, -1);
    for (int cut = 0; cut < f.length(); cut++) {
      assertThat(run(f, server, cut)).as("cut at %d", cut).isEqualTo(whole);
    }
  }

  private static List<Map<String, String>> run(Fixture f, boolean server, int cut) {
    Tap tap = server ? Tap.server() : Tap.client();
    f.play(tap, cut);
    assertThat(tap.exchanges()).as("cut at %d", cut).isEqualTo(f.exchanges());
    assertThat(tap.count(Counters.EXCHANGES_INCOMPLETE)).as("cut at %d", cut).isZero();
    assertThat(tap.count(Counters.RESPONSES_UNMATCHED)).isZero();
    assertThat(tap.count(Counters.RESYNCS)).isZero();
    assertThat(tap.context.counted()).isEmpty();
    return tap.spans.stream().map(FixturesTest::withoutTime).toList();
  }

  private static Map<String, String> withoutTime(Map<String, String> span) {
    Map<String, String> m = new TreeMap<>(span);
    m.remove("duration");
    return m;
  }
}
