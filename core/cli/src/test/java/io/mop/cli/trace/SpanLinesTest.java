package io.mop.cli.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SpanLinesTest {
  private static void write(SpanLines lines, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    lines.write(bytes, 0, bytes.length);
  }

  @Test
  void theRestOfABatchIsNotWritten() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SpanLines lines = new SpanLines(out, 3);
    write(lines, "a\nbb\n");
    assertThat(lines.enough()).isNotDone();
    write(lines, "c\nd\n");
    assertThat(lines.enough()).isDone();
    write(lines, "e\n");
    lines.drain();
    assertThat(out).hasToString("a\nbb\nc\n");
    assertThat(lines.lines()).isEqualTo(3);
  }

  @Test
  void nobodyReads() throws Exception {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    SpanLines lines = new SpanLines(broken, Long.MAX_VALUE);
    write(lines, "a\n");
    lines.enough().get();
    write(lines, "b\n");
    lines.drain();
    assertThat(lines.lines()).isEqualTo(1);
  }

  @Test
  void aReaderThatPausesHoldsUpNobodyAndMissesWhatIsBeyondTheBound() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    OutputStream pausing =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new AssertionError("lines are written at once");
          }

          @Override
          public void write(byte[] bytes, int from, int length) {
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            read.write(bytes, from, length);
          }
        };
    SpanLines lines = new SpanLines(pausing, Long.MAX_VALUE, 6);
    for (String line : new String[] {"a\n", "b\n", "c\n", "d\n"}) write(lines, line);
    assertThat(lines.lines()).isEqualTo(3);
    goOn.countDown();
    lines.drain();
    write(lines, "e\n");
    lines.drain();
    assertThat(read).hasToString("a\nb\nc\ne\n");
    assertThat(lines.lines()).isEqualTo(4);
  }
}
