package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file of {@code examples/} is valid, printed by {@code mop init}, and runs. */
@Timeout(300)
class ExamplesTest {
  @TempDir Path directory;

  static List<String> examples() throws IOException {
    return Distribution.files("examples", ".yaml").stream()
        .map(file -> file.getFileName().toString().replace(".yaml", ""))
        .toList();
  }

  /** So that an example listens on free ports and observes none of this machine's programs. */
  private static Map<String, String> env() {
    return Map.of(
        "APP_PORT", Integer.toString(Children.freePort()),
        "APP_EXE", "/nonexistent/program",
        "OTLP_GRPC_PORT", Integer.toString(Children.freePort()),
        "OTLP_HTTP_PORT", Integer.toString(Children.freePort()),
        "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:" + Children.freePort());
  }

  @Test
  void initListsThem() throws Exception {
    assertThat(examples()).contains("agent", "all-in-one", "debug", "gateway");
    Cli.Result list = Cli.run(directory, "init");
    assertThat(list.code()).as(list.err()).isZero();
    assertThat(list.out().lines()).containsExactlyElementsOf(examples());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("examples")
  void isValidAndRuns(String example) throws Exception {
    Cli.Result printed = Cli.run(directory, "init", example);
    assertThat(printed.code()).as(printed.err()).isZero();
    Path file = Files.writeString(directory.resolve("mop.yaml"), printed.out());
    assertThat(file).hasSameTextualContentAs(Distribution.HOME.resolve("examples/" + example + ".yaml"));
    Cli.Result valid = Cli.run(directory, "validate", "mop.yaml");
    assertThat(valid.code()).as(valid.err()).isZero();
    assertThat(valid.err()).as("notes on an example").isEmpty();
    try (MopProcess mop = MopProcess.start(directory.resolve("mop"), file, env())) {
      Status status = mop.await("MOP runs", s -> s.state().equals("running"));
      if (NeedsBpf.Condition.root()) {
        assertThat(status.unhealthy()).isEmpty();
        assertThat(mop.log().lines()).noneMatch(line -> line.contains(" ERROR ") || line.contains(" WARNING "));
      }
      assertThat(mop.stop()).as("exit code; log: %s", mop.log()).isZero();
      assertThat(mop.log()).doesNotContain(" ERROR ");
    }
  }
}
