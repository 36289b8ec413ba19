package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class GlobTest {
  @Property
  void matchesAsTheRegularExpressionDoes(
      @ForAll @Chars({'*', '?', '.', '\0'}) @CharRange(from = 'a', to = 'b') @StringLength(max = 6) String pattern,
      @ForAll @Chars({'*', '.', '\0'}) @CharRange(from = 'a', to = 'b') @StringLength(max = 8) String text) {
    StringBuilder regex = new StringBuilder();
    for (char c : pattern.toCharArray()) {
      regex.append(c == '*' ? ".*" : c == '?' ? "." : Pattern.quote(String.valueOf(c)));
    }
    boolean expected = Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(text).matches();
    assertThat(Glob.matches(pattern, text)).isEqualTo(expected);
  }

  /** Of a backtracking matcher the machine would not see the end. */
  @Test
  void noPatternTakesForever() {
    String text = "a".repeat(64 << 10);
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(60), () -> assertThat(Glob.matches("*a".repeat(500) + "b", text)).isFalse());
  }
}
