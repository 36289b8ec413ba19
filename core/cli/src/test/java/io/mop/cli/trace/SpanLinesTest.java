package io.mop.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SpanLinesTest {
  private static void write(SpanLines lines, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    lines.write(bytes, 0, bytes.length);
    lines.flush();
  }

  @Test
  void theRestOfABatchIsNotWritten() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SpanLines lines = new SpanLines(out, 3);
    write(lines, "a\nb");
    assertThat(lines.enough()).isNotDone();
    write(lines, "b\nc\nd\n");
    assertThat(lines.enough()).isDone();
    write(lines, "e\n");
    assertThat(out).hasToString("a\nbb\nc\n");
    assertThat(lines.lines()).isEqualTo(3);
  }

  @Test
  void nobodyReads() {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    SpanLines lines = new SpanLines(broken, Long.MAX_VALUE);
    write(lines, "a\n");
    assertThat(lines.enough()).isDone();
    write(lines, "b\n");
  }
}
