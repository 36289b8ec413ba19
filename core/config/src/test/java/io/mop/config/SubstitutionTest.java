package io.mop.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.control.ConfigError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubstitutionTest {
  @TempDir Path directory;

  @BeforeEach
  void files() throws Exception {
    Files.writeString(directory.resolve("token"), "from-a-file\n");
    Files.writeString(directory.resolve("windows"), "a\r\nb\r\n");
    Files.write(directory.resolve("binary"), new byte[] {(byte) 0xff, 0});
    Files.write(directory.resolve("large"), new byte[(1 << 20) + 1]);
    Files.createDirectory(directory.resolve("folder"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "plain|plain",
        "${env:PORT}|4317",
        "${PORT}|4317",
        "host:${env:PORT}/x|host:4317/x",
        "${env:PORT}${env:PORT}|43174317",
        "${env:UNSET:-b}|b",
        "${env:UNSET:-}|''",
        "${env:UNSET:-http://h:1/}|http://h:1/",
        "${env:EMPTY:-b}|''",
        "${env:PORT:-b}|4317",
        "${file:token}|from-a-file",
        "Bearer ${file:token}|Bearer from-a-file",
        "$$|$",
        "$${env:PORT}|${env:PORT}",
        "$$$${x}|$${x}",
        "^a$|^a$",
        "$1 $x|$1 $x",
      })
  void replaced(String text, String expected) throws Exception {
    assertThat(Samples.substitution(directory).apply(text)).isEqualTo(expected);
  }

  @Test
  void oneLineBreakAtTheEndOfAFileIsNotPartOfIt() throws Exception {
    assertThat(Samples.substitution(directory).apply("${file:windows}")).isEqualTo("a\r\nb");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "${env:UNSET}|environment variable UNSET is not set; set it, or give a default: ${env:UNSET:-default}",
        "${UNSET}|environment variable UNSET is not set; set it, or give a default: ${env:UNSET:-default}",
        "${1}|'${' without env: or file:; expected ${env:NAME}, ${env:NAME:-default} or ${file:PATH}, or $${ for the"
            + " text ${",
        "${yaml:a}|'${' without env: or file:; expected ${env:NAME}, ${env:NAME:-default} or ${file:PATH}, or $${"
            + " for the text ${",
        "${env:A|'${' without '}'; write $${ for the text ${",
        "${env:A:-${env:B}}|a substitution inside a substitution is not supported",
        "${file:none}|file 'none' does not exist",
        "${file:folder}|file 'folder' is not a regular file",
        "${file:binary}|file 'binary' is not UTF-8 text",
        "${file:large}|file 'large' is larger than 1MiB",
      })
  void refused(String text, String problem) {
    var unresolved =
        catchThrowableOfType(
            Substitution.Unresolved.class, () -> Samples.substitution(directory).apply(text));
    assertThat(unresolved).hasMessage(problem);
  }

  @Test
  void aFailedSubstitutionIsReportedOnceWithItsKey() {
    var problems = new Problems("mop.yaml");
    record R(List<Integer> ports) {}
    try {
      Node node =
          Yaml.parse("a:\nports:\n- 1\n- ${env:UNSET}\n", problems, Samples.substitution(directory)).orElseThrow();
      new RecordBinder("mop.yaml", new At(1, ""), node, List.of("a"), Map.of()).bind(R.class, problems);
      assertThat(problems.error().problems())
          .containsExactly(
              "mop.yaml:4: ports[1]: environment variable UNSET is not set; set it, or give a default:"
                  + " ${env:UNSET:-default}");
    } catch (ConfigError e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void growthIsBounded() throws Exception {
    Files.writeString(directory.resolve("big"), "x".repeat(600_000));
    var substitution = Samples.substitution(directory);
    assertThat(catchThrowableOfType(Substitution.Unresolved.class, () -> substitution.apply("${file:big}${file:big}")))
        .hasMessage("longer than 1048576 characters after substitution");
  }
}
