package io.mop.plugins.attributes;

import static io.mop.plugins.attributes.Actions.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.plugin.InvalidConfig;
import io.mop.plugins.attributes.Attributes.Config;
import io.mop.plugins.attributes.Match.Attribute;
import io.mop.plugins.attributes.Match.MatchType;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import io.mop.testkit.TransformHarness;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code include} and {@code exclude}. */
class MatchTest {
  private final TestContext context = new TestContext("processors.attributes");

  private static Match match(MatchType type, List<String> services, List<String> names, List<Attribute> attributes) {
    return new Match(type, services, names, List.of(), List.of(), attributes, List.of());
  }

  private List<String> touched(Optional<Match> include, Optional<Match> exclude) {
    Attributes plugin = new Attributes();
    Config config = new Config(include, exclude, List.of(set("insert", "touched", true)));
    List<TestSpan> spans = List.of(
        TestSpan.of("a").attribute("n", 1L).resource("service.name", "shop"),
        TestSpan.of("b").attribute("n", 2L).attribute("s", "text").resource("service.name", "shop"),
        TestSpan.of("c").attribute("n", 1L).attribute("d", .5).attribute("t", true).resource("service.name", "cart"),
        TestSpan.of("ab"));
    return new TransformHarness(context, plugin.create(config, context)).apply(spans).stream()
        .filter(span -> span.attributes().containsKey("touched")).map(TestSpan::name).toList();
  }

  static Stream<Arguments> matches() {
    MatchType strict = MatchType.STRICT;
    MatchType regexp = MatchType.REGEXP;
    List<String> no = List.of();
    return Stream.of(
        Arguments.of(match(strict, List.of("shop"), no, List.of()), List.of("a", "b")),
        Arguments.of(match(regexp, List.of("^c", "^x"), no, List.of()), List.of("c")),
        Arguments.of(match(strict, no, List.of("a", "c"), List.of()), List.of("a", "c")),
        Arguments.of(match(regexp, no, List.of("^a"), List.of()), List.of("a", "ab")),
        Arguments.of(match(strict, List.of("shop"), List.of("a", "c"), List.of()), List.of("a")),
        Arguments.of(match(strict, no, no, List.of(has("n", 1L))), List.of("a", "c")),
        Arguments.of(match(strict, no, no, List.of(has("n", 1L), has("d", .5), has("t", true))), List.of("c")),
        Arguments.of(match(strict, no, no, List.of(has("n", "1"))), List.of()),
        Arguments.of(match(strict, no, no, List.of(has("s", null))), List.of("b")),
        Arguments.of(match(strict, no, no, List.of(has("s", "text"))), List.of("b")),
        Arguments.of(match(regexp, no, no, List.of(has("s", "e.t$"))), List.of("b")),
        Arguments.of(new Match(strict, no, no, List.of("x"), no, List.of(), List.of()), List.of()),
        Arguments.of(new Match(strict, no, no, no, List.of("INFO"), List.of(), List.of()), List.of()),
        Arguments.of(new Match(strict, no, no, no, no, List.of(), List.of(has("service.name", "cart"))), List.of("c")));
  }

  private static Attribute has(String key, Object value) {
    return new Attribute(key, Optional.ofNullable(value));
  }

  @ParameterizedTest
  @MethodSource("matches")
  void includeAndExclude(Match match, List<String> names) {
    assertThat(touched(Optional.of(match), Optional.empty())).isEqualTo(names);
    List<String> others = new ArrayList<>(List.of("a", "b", "c", "ab"));
    others.removeAll(names);
    assertThat(touched(Optional.empty(), Optional.of(match))).isEqualTo(others);
    assertThat(touched(Optional.of(match), Optional.of(match))).isEmpty();
  }

  @Test
  void aMatchSaysSomething() {
    assertThat(catchThrowableOfType(InvalidConfig.class,
        () -> match(MatchType.STRICT, List.of(), List.of(), List.of())).key()).isEqualTo("match_type");
    assertThat(catchThrowableOfType(InvalidConfig.class,
        () -> match(MatchType.REGEXP, List.of(), List.of("a", "("), List.of())).key()).isEqualTo("span_names[1]");
  }
}
