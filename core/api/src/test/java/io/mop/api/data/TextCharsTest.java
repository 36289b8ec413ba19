package io.mop.api.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TextCharsTest {
  private final TextChars chars = new TextChars();

  @Test
  void showsWhatStringShowsAndWhereItsBytesAre() {
    Random random = new Random(1);
    for (int i = 0; i < 2_000; i++) {
      String s = random.ints(random.nextInt(400), 0, 0x110000).filter(c -> c < 0xD800 || c > 0xDFFF)
          .map(c -> random.nextBoolean() ? c % 128 : c)
          .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append).toString();
      chars.set(Text.of(s));
      assertThat(chars).hasToString(s).hasSize(s.length());
      for (int at = 0; at <= s.length(); at++) {
        if (at > 0 && at < s.length() && Character.isLowSurrogate(s.charAt(at))) continue;
        assertThat(chars.byteAt(at)).isEqualTo(s.substring(0, at).getBytes(StandardCharsets.UTF_8).length);
      }
    }
  }

  @Test
  void anyBytesAreShown() {
    Random random = new Random(2);
    byte[] bytes = new byte[64];
    for (int i = 0; i < 20_000; i++) {
      random.nextBytes(bytes);
      int from = random.nextInt(60);
      chars.set(bytes, from, from + random.nextInt(64 - from));
      String shown = chars.toString();
      assertThat(shown.getBytes(StandardCharsets.UTF_8)).as("well formed").isEqualTo(
          new String(shown.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8));
    }
    chars.set(new byte[] {'a', (byte) 0xC3, 'b', (byte) 0xED, (byte) 0xA0, (byte) 0x80}, 0, 6);
    assertThat(chars).hasToString("a\uFFFDb\uFFFD\uFFFD\uFFFD");
  }

  @Test
  void aMatcherSeesTheNextText() {
    Matcher matcher = Pattern.compile("ö+").matcher(chars);
    chars.set(Text.of("schööön"));
    assertThat(matcher.reset().find()).isTrue();
    assertThat(chars.byteAt(matcher.start())).isEqualTo(3);
    assertThat(chars.byteAt(matcher.end())).isEqualTo(9);
    chars.set(Text.of("on"));
    assertThat(matcher.reset().find()).isFalse();
    assertThatThrownBy(() -> chars.byteAt(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> chars.charAt(2)).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
