package @package@;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Size;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestIntake;
import io.mop.testkit.TestSpan;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class @Class@Test {
  private static final List<String> LINES = List.of("started", "listening on 127.0.0.1:7000", "", "GET /caf\u00e9 200");

  @TempDir Path directory;
  private final TestContext context = new TestContext("receivers.@name@");
  private final TestIntake intake = new TestIntake();
  private Path file;

  @BeforeEach
  void file() throws IOException {
    file = directory.resolve("app.log");
    try (InputStream in = getClass().getResourceAsStream("/app.log")) {
      Files.copy(in, file);
    }
  }

  @AfterEach
  void close() {
    context.close();
  }

  private Receiver start(TestIntake to) {
    @Class@.Config config = new @Class@.Config(file.toString(), Duration.ofMillis(200), new Size(64));
    Receiver receiver = new @Class@().create(config, context);
    receiver.start(to);
    return receiver;
  }

  /** Looks, and acknowledges, until nothing more comes. */
  private void run() {
    do context.tick(); while (intake.safe() > 0);
  }

  private static List<String> lines(TestIntake of) {
    return of.logs().stream().map(TestSpan::name).toList();
  }

  private void append(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }

  @Test
  void everyWholeLineComes() throws IOException {
    start(intake);
    run();
    assertThat(lines(intake)).isEqualTo(LINES);
    assertThat(intake.logs()).extracting(s -> s.resource().get("log.file.path")).containsOnly(file.toString());
    append(" ends\n");
    run();
    assertThat(lines(intake)).hasSize(5).endsWith("an unfinished line ends");
  }

  @Test
  void onlyWhatWasAcknowledgedDoesNotComeAgain() {
    Receiver first = start(intake);
    context.tick();
    assertThat(lines(intake)).isNotEmpty();
    first.close(); // not acknowledged
    TestIntake again = new TestIntake();
    Receiver second = start(again);
    context.tick();
    assertThat(lines(again)).startsWith("started");
    assertThat(again.safe()).isEqualTo(1);
    second.close();
    TestIntake rest = new TestIntake();
    start(rest);
    context.tick();
    assertThat(lines(rest)).doesNotContain("started");
  }

  @Test
  void whatIsRefusedComesAgain() {
    Receiver receiver = start(intake.full(true));
    context.tick();
    assertThat(lines(intake)).isEmpty();
    intake.full(false);
    context.tick();
    assertThat(lines(intake)).as("before the time it was told").isEmpty();
    context.advance(Duration.ofSeconds(1));
    receiver.pause();
    context.tick();
    assertThat(lines(intake)).as("while paused").isEmpty();
    receiver.resume();
    context.tick();
    assertThat(intake.refused("no room")).isEqualTo(1);
    context.advance(Duration.ofSeconds(1));
    run();
    assertThat(lines(intake).subList(lines(intake).size() - LINES.size(), lines(intake).size())).isEqualTo(LINES);
    assertThat(context.count("refusals")).isEqualTo(2);
  }

  @Test
  void aFileThatIsNotThereYetIsSaid() throws IOException {
    Files.delete(file);
    start(intake);
    run();
    assertThat(context.unhealthy().orElseThrow()).contains(file.toString());
    Files.writeString(file, "now\n");
    run();
    assertThat(lines(intake)).containsExactly("now");
    assertThat(context.unhealthy()).isEmpty();
  }

  @Test
  void anEmptyPathIsRefused() {
    assertThatThrownBy(() -> new @Class@.Config("", Duration.ofSeconds(1), new Size(64)))
        .isInstanceOf(InvalidConfig.class);
  }
}
