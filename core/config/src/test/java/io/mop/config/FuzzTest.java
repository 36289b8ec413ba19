package io.mop.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.mop.control.ConfigError;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is in the file: it loads or it is a ConfigError, and neither takes forever nor prints a secret. */
class FuzzTest {
  /** Generous: it only tells slow from never. */
  private static final Duration NEVER = Duration.ofMinutes(2);

  private static final String SECRET = "t0ken-4711";
  private static final Map<String, String> ENV = Map.of("STAGE", "prod", "TOKEN", SECRET);

  private static final List<String> PIECES =
      List.of(
          ":", ": ", "-", "- ", "\n", "\n  ", " ", "\t", "{", "}", "[", "]", ",", "#", "&a ", "*a", "!", "!!str ", "|",
          ">", "'", "\"", "%", "@", "`", "?", "? ", "~", "null", "<<: *auth", "---", "...", "\\x", "\\u12", "$", "${",
          "${env:", "${env:TOKEN}", "${file:gateway.yaml}", "$$", "\u0000", "\uFEFF", "\u2028", "\uD83D\uDE00",
          "99999999999999999999", "-1", "1e999", "10s", "4MiB", "otlp", "receivers:", "service", "%YAML 1.2\n",
          "%YAML 99999999999.1\n", "%TAG ! x\n", "endpoint", "actions", "batch", "connectors: {a: }");

  private static String base;

  @BeforeAll
  static void read() throws Exception {
    try (var in = FuzzTest.class.getResourceAsStream("/collector/gateway.yaml")) {
      base = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @TempDir Path directory;

  private void load(byte[] bytes, String what) throws Exception {
    Path file = Files.write(directory.resolve("mop.yaml"), bytes);
    try {
      var result = new Configuration(ENV::get).load(file, Samples.catalog());
      assertThat(String.join("\n", result.notes())).as(what).doesNotContain(SECRET);
    } catch (ConfigError e) {
      assertThat(e.problems()).as(what).isNotEmpty().allSatisfy(p -> assertThat(p)
          .startsWith("mop.yaml:").doesNotContain(SECRET, "\n", "\r", "Exception"));
    } catch (Exception | StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError(what, e);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void mutationsOfAValidFile(long seed) {
    var random = new Random(seed);
    assertTimeoutPreemptively(
        NEVER,
        () -> {
          for (int i = 0; i < 1_000; i++) {
            var text = new StringBuilder(base);
            int changes = 1 + random.nextInt(4);
            for (int c = 0; c < changes; c++) mutate(text, random);
            load(text.toString().getBytes(StandardCharsets.UTF_8), "seed " + seed + ", file " + i + ":\n" + text);
          }
        });
  }

  private static void mutate(StringBuilder text, Random random) {
    if (text.length() == 0) text.append(base);
    int at = random.nextInt(text.length());
    int end = Math.min(text.length(), at + 1 + random.nextInt(20));
    switch (random.nextInt(6)) {
      case 0 -> text.delete(at, end);
      case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
      case 2 -> text.replace(at, end, PIECES.get(random.nextInt(PIECES.size())));
      case 3 -> text.insert(random.nextInt(text.length()), text.substring(at, end));
      case 4 -> text.setCharAt(at, (char) (random.nextInt(10) == 0 ? random.nextInt(0xD800) : 32 + random.nextInt(95)));
      default -> {
        List<String> lines = Arrays.asList(text.toString().split("\n", -1));
        int i = random.nextInt(lines.size());
        int j = random.nextInt(lines.size());
        String swapped = lines.get(i);
        lines.set(i, lines.get(j));
        lines.set(j, swapped);
        text.setLength(0);
        text.append(String.join("\n", lines));
      }
    }
  }

  @Test
  void randomBytes() {
    var random = new Random(5);
    assertTimeoutPreemptively(
        NEVER,
        () -> {
          for (int i = 0; i < 2_000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            if (i % 2 == 0) for (int b = 0; b < bytes.length; b++) bytes[b] &= 0x7f;
            load(bytes, "file " + i);
          }
        });
  }

  /** Small or not, each asks for far more work than a configuration could. */
  static List<String> hostile() {
    String pipeline = "service: {pipelines: {traces: {receivers: [";
    return List.of(
        "[".repeat(4_000_000),
        "{".repeat(4_000_000),
        "- ".repeat(2_000_000),
        "? ".repeat(2_000_000),
        "a: ".repeat(1_000_000),
        "a:\n".repeat(1_000_000),
        "a: |\n" + " x\n".repeat(1_000_000),
        "\"" + "\\\n".repeat(2_000_000),
        "&a ".repeat(1_000_000),
        "!".repeat(4_000_000),
        "#\n".repeat(2_000_000),
        "x".repeat(4_000_000),
        "x: " + "y ".repeat(2_000_000),
        "%TAG ! x\n".repeat(400_000),
        "---\n".repeat(1_000_000),
        "'" + "${env:TOKEN}".repeat(330_000) + "'",
        "a: ${env:TOKEN}\n".repeat(200_000),
        "receivers: {" + "k: , ".repeat(100_000) + "}",
        keys("receivers:\n", "  kafka/%d:\n", 60_000),
        keys("receivers:\n", "  otlp/%d:\n", 20_000) + pipeline + "otlp0, ".repeat(20_000) + "], exporters: [a]}}}",
        keys("service:\n  pipelines:\n", "    tracse/%d:\n", 60_000),
        keys("exporters: {debug: {sending_queue: {", "sizes_%d: , ", 60_000) + "}}}",
        keys("extensions:\n", "  health_check/%d:\n", 60_000),
        keys("processors:\n  attributes:\n    actions:\n", "    - {key: k%d, action: insert}\n", 30_000),
        "processors: {attributes: &a {actions: [" + "{key: k, action: insert}, ".repeat(1_000) + "]}, "
            + keys("", "attributes/%d: *a, ", 1_000) + "}");
  }

  private static String keys(String head, String line, int n) {
    var out = new StringBuilder(head);
    for (int i = 0; i < n; i++) out.append(line.replace("%d", Integer.toString(i)));
    return out.toString();
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("hostile")
  void hostileFiles(String text) {
    String what = text.substring(0, 40) + "…";
    assertTimeoutPreemptively(NEVER, () -> load(text.getBytes(StandardCharsets.UTF_8), what));
  }
}
