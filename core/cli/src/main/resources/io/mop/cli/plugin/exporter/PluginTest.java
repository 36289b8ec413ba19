package @package@;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.InvalidConfig;
import io.mop.testkit.TestBatch;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestOutcome;
import io.mop.testkit.TestSpan;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class @Class@Test {
  @TempDir Path directory;
  private final TestContext context = new TestContext("exporters.@name@");
  private final TestOutcome outcome = new TestOutcome();

  private Exporter exporter(Path file) {
    List<String> attributes = List.of("text", "number", "real", "yes");
    return new @Class@().create(new @Class@.Config(file.toString(), attributes), context);
  }

  private String export(Exporter exporter, TestBatch batch) {
    exporter.export(batch, outcome);
    batch.release(); // whoever reads it now reads rubbish
    return outcome.take();
  }

  @Test
  void everySignalIsWritten() throws IOException {
    Path file = directory.resolve("out.jsonl");
    Exporter exporter = exporter(file);
    TestSpan first = TestSpan.of("GET /").attribute("text", "a \"quoted\"\nline").attribute("number", 7L);
    TestSpan second = TestSpan.of("GET /\\").attribute("real", 0.5).attribute("yes", true).attribute("other", 1L);
    assertThat(export(exporter, TestBatch.traces(context, first, second))).isEqualTo("delivered");
    TestSpan third = TestSpan.of("").attribute("number", 7L);
    assertThat(export(exporter, TestBatch.logs(context, List.of(third)))).isEqualTo("delivered");
    assertThat(export(exporter, TestBatch.metrics(context, List.of(TestSpan.of("requests"))))).isEqualTo("delivered");
    try (InputStream expected = getClass().getResourceAsStream("/lines.json")) {
      assertThat(file).hasContent(new String(expected.readAllBytes(), StandardCharsets.UTF_8));
    }
    assertThat(outcome.untaken()).isEmpty();
  }

  @Test
  void whatCannotBeWrittenIsTriedAgain() throws IOException {
    Path file = directory.resolve("later/out.jsonl");
    Exporter exporter = exporter(file);
    TestSpan span = TestSpan.of("GET /");
    assertThat(export(exporter, TestBatch.traces(context, span))).startsWith("retry PT0S cannot append to " + file);
    assertThat(context.unhealthy().orElseThrow()).contains(file.toString());
    Files.createDirectory(file.getParent());
    assertThat(export(exporter, TestBatch.traces(context, span))).isEqualTo("delivered");
    assertThat(context.unhealthy()).isEmpty();
    assertThat(Files.readAllLines(file)).hasSize(1);
  }

  @Test
  void anEmptyPathIsRefused() {
    assertThatThrownBy(() -> new @Class@.Config("", List.of())).isInstanceOf(InvalidConfig.class);
  }
}
