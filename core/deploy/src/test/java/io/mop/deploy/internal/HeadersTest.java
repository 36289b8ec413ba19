package io.mop.deploy.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.deploy.internal.Headers.Clause;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersTest {
  @Test
  void clausesHavePathsAttributesAndDirectives() {
    assertThat(Headers.parse("a.b;c.d;version=\"[1.0,2)\";x:Long=3;resolution:=optional , e.f;uses:=\"g,h;i=1\""))
        .containsExactly(
            new Clause(
                List.of("a.b", "c.d"), Map.of("version", "[1.0,2)", "x", "3"), Map.of("resolution", "optional")),
            new Clause(List.of("e.f"), Map.of(), Map.of("uses", "g,h;i=1")));
  }

  @Test
  void filtersAndEscapesInQuotesAreKept() {
    assertThat(Headers.parse("osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=17))\";note=\"a \\\"b\\\"\""))
        .containsExactly(
            new Clause(
                List.of("osgi.ee"),
                Map.of("note", "a \"b\""),
                Map.of("filter", "(&(osgi.ee=JavaSE)(version=17))")));
  }

  @Test
  void anAbsentHeaderHasNoClauses() {
    assertThat(Headers.parse(null)).isEmpty();
    assertThat(Headers.parse(" ")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a;b=\"c", "\"", "a,,b", "a,", ";x=1"})
  void malformedHeadersAreRefused(String header) {
    assertThatThrownBy(() -> Headers.parse(header)).isInstanceOf(IllegalArgumentException.class);
  }
}
