package io.mop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Size;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTailTest {
  /** Takes requests; acknowledges when told. */
  private static final class Door implements Receiver.Intake {
    final List<String> lines = new ArrayList<>();
    final List<Receiver.Ack> acks = new ArrayList<>();
    int requests;
    boolean closed;

    @Override
    public boolean carries(Signal signal) {
      return signal == Signal.LOGS;
    }

    @Override
    public Receiver.Landing reserve(Signal signal, int bytes, String tenant) throws Receiver.Refused {
      requests++;
      if (closed) throw new Receiver.Refused("closed", Duration.ofSeconds(1));
      ByteBuffer memory = ByteBuffer.allocate(bytes);
      return new Receiver.Landing() {
        @Override
        public ByteBuffer buffer() {
          return memory;
        }

        @Override
        public void submit(Receiver.Ack ack) {
          lines.addAll(FileTailTest.lines(memory.flip()));
          acks.add(ack);
        }

        @Override
        public void cancel() {}
      };
    }

    /** Acknowledges all, the newest first. */
    void safe() {
      for (int i = acks.size() - 1; i >= 0; i--) acks.get(i).safe();
      acks.clear();
    }

    List<String> take() {
      List<String> taken = List.copyOf(lines);
      lines.clear();
      return taken;
    }
  }

  @TempDir Path directory;
  private final TestContext context = new TestContext("receivers.file_tail");
  private final Door door = new Door();
  private final List<Receiver> parts = new ArrayList<>();
  private int files;

  @AfterEach
  void stop() {
    parts.forEach(Receiver::close);
    context.close();
  }

  private Path file() {
    return directory.resolve("a.log");
  }

  private static List<String> lines(ByteBuffer wire) {
    try {
      List<String> lines = new ArrayList<>();
      ExportLogsServiceRequest.parseFrom(wire).getResourceLogsList().forEach(r -> {
        assertThat(r.getResource().getAttributes(0).getKey()).isEqualTo("log.file.path");
        r.getScopeLogs(0).getLogRecordsList().forEach(l -> lines.add(
            l.getBody().hasStringValue() ? l.getBody().getStringValue() : "" + l.getBody().getBytesValue().size()));
      });
      return lines;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void append(String text) throws IOException {
    Files.writeString(file(), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private void rotate() throws IOException {
    Files.move(file(), directory.resolve("a.log." + ++files));
  }

  /** As after a crash, or at first: nothing but the directory is left of the one before. */
  private void start(int chunk) {
    parts.forEach(Receiver::close);
    parts.clear();
    Receiver part =
        new FileTail().create(new FileTail.Config(file().toString(), Duration.ofMillis(20), new Size(chunk)), context);
    part.start(door);
    parts.add(part);
  }

  @Test
  void wholeLinesComeAndTheRestWaits() throws IOException {
    start(1 << 16);
    context.tick();
    assertThat(context.unhealthy()).contains("there is no file " + file() + " yet");
    append("one\ntwo\nthr");
    context.tick();
    assertThat(door.take()).containsExactly("one", "two");
    assertThat(context.unhealthy()).isEmpty();
    append("ee\n\n");
    context.tick();
    context.tick();
    assertThat(door.take()).containsExactly("three", "");
    assertThat(context.count("lines")).isEqualTo(4);
  }

  @Test
  void aNewPartBeginsBehindTheLastLineBeforeWhichAllIsAcknowledged() throws IOException {
    start(16);
    append("line 01\nline 02\nline 03\nline 04\nline 05\nline 06\n");
    context.tick();
    assertThat(door.take()).hasSize(6);
    assertThat(door.acks).hasSize(3);
    door.acks.get(0).safe();
    door.acks.get(2).safe();
    context.tick();
    start(16);
    context.tick();
    assertThat(door.take()).as("the second request was not acknowledged")
        .containsExactly("line 03", "line 04", "line 05", "line 06");
    door.safe();
    context.tick();
    start(16);
    context.tick();
    assertThat(door.take()).isEmpty();
    append("line 07\n");
    context.tick();
    assertThat(door.take()).containsExactly("line 07");
  }

  @Test
  void withoutItsPositionItReadsAll() throws IOException {
    append("a\nb\n");
    start(16);
    context.tick();
    door.safe();
    context.tick();
    Files.delete(context.directory().resolve("position"));
    start(16);
    context.tick();
    assertThat(door.take()).containsExactly("a", "b", "a", "b");
  }

  @Test
  void noMoreIsReadThanMayWait() throws IOException {
    start(16);
    for (int i = 0; i < 100; i++) append("line " + (100 + i) + " abcdef\n"); // 16 bytes
    context.tick();
    context.tick();
    assertThat(door.lines).hasSize(FileTail.PENDING);
    door.safe();
    context.tick();
    assertThat(door.take()).hasSize(2 * FileTail.PENDING).doesNotHaveDuplicates();
  }

  @Test
  void aTruncatedFileIsReadAnew() throws IOException {
    start(64);
    append("one\ntwo\n");
    context.tick();
    Files.writeString(file(), "x\n");
    context.tick();
    assertThat(door.take()).containsExactly("one", "two", "x");
    assertThat(context.count("truncations")).isOne();
    door.safe();
    context.tick();
    start(64);
    append("y\n");
    context.tick();
    assertThat(door.take()).containsExactly("y");
  }

  @Test
  void aRenamedFileIsReadToItsEndAndThenTheNewOne() throws IOException {
    start(64);
    append("one\n");
    context.tick();
    append("two\n");
    rotate();
    context.tick();
    assertThat(door.take()).containsExactly("one", "two");
    append("three\n");
    context.tick();
    Files.writeString(directory.resolve("a.log.1"), "late", StandardOpenOption.APPEND);
    context.tick();
    assertThat(door.take()).containsExactly("late", "three");
    assertThat(context.count("rotations")).isOne();
    assertThat(context.unhealthy()).isEmpty();
  }

  @Test
  void aFileRenamedWhileNobodyReadIsFound() throws IOException {
    start(64);
    append("one\n");
    context.tick();
    door.safe();
    context.tick();
    append("two\n");
    rotate();
    append("three\n");
    start(64);
    for (int i = 0; i < 3; i++) context.tick();
    assertThat(door.take()).containsExactly("one", "two", "three");
    door.safe();
    context.tick();
    Files.delete(directory.resolve("a.log.1"));
    start(64);
    append("four\n");
    context.tick();
    assertThat(door.take()).containsExactly("four");
    assertThat(context.counted()).doesNotContainKey("lost_files");
    rotate();
    append("five\n"); // before the inode is free again
    Files.delete(directory.resolve("a.log.2"));
    start(64);
    context.tick();
    assertThat(door.take()).containsExactly("five");
    assertThat(context.count("lost_files")).isOne();
  }

  @Test
  void whatIsRefusedComesAgainLaterAndNothingIsReadMeanwhile() throws IOException {
    start(64);
    append("one\n");
    door.closed = true;
    context.tick();
    assertThat(door.requests).isOne();
    append("two\n");
    context.advance(Duration.ofMillis(999));
    context.tick();
    assertThat(door.requests).as("not before the second that the refusal says").isOne();
    context.advance(Duration.ofMillis(1));
    door.closed = false;
    context.tick();
    assertThat(door.take()).containsExactly("one", "two");
    door.acks.get(0).refused("a crash behind", Duration.ZERO);
    door.acks.get(1).safe();
    context.tick();
    assertThat(door.take()).isEmpty();
    context.advance(Duration.ofMillis(200)); // 100 ms, doubled
    context.tick();
    assertThat(door.take()).containsExactly("one");
    assertThat(context.count("refusals")).isEqualTo(2);
  }

  @Test
  void longLinesComeInPiecesAndOtherThanUtf8AsBytes() throws IOException {
    start(16);
    append("0123456789abcdefghij\n");
    Files.write(file(), new byte[] {'x', (byte) 0xC3, '(', '\n'}, StandardOpenOption.APPEND);
    context.tick();
    assertThat(door.take()).containsExactly("0123456789abcdef", "ghij", "3");
  }

  @Test
  void aPausedPartReadsNothing() throws IOException {
    start(64);
    append("one\n");
    parts.get(0).pause();
    context.tick();
    assertThat(door.take()).isEmpty();
    parts.get(0).resume();
    context.tick();
    assertThat(door.take()).containsExactly("one");
  }

  @Test
  void aPositionThatIsNoneIsSaidAndKept() throws IOException {
    Path position = context.directory().resolve("position");
    Files.writeString(position, "garbage");
    assertThatThrownBy(() -> start(64)).isInstanceOf(InvalidConfig.class)
        .hasMessageEndingWith("position: expected a position, which begins with MOPT");
    Files.write(position, new byte[] {'M', 'O', 'P', 'T', 0, 9, 0, 3, '7', '.', '0'});
    assertThatThrownBy(() -> start(64)).isInstanceOf(InvalidConfig.class)
        .hasMessageEndingWith("position: expected format 1, found 9, written by 7.0");
    Files.write(position, new byte[] {'M', 'O', 'P'});
    assertThatThrownBy(() -> start(64)).isInstanceOf(InvalidConfig.class)
        .hasMessageEndingWith("position: expected a position, found 3 bytes of one");
    assertThat(position).hasSize(3);
  }

  /** Whatever happens in whatever order, every line comes; none twice that was acknowledged before a crash. */
  @Test
  void everyLineComes() throws IOException {
    for (int round = 0; round < 12; round++) {
      Random random = new Random(round);
      parts.forEach(Receiver::close);
      parts.clear();
      door.take();
      door.acks.clear();
      Files.deleteIfExists(file());
      Files.deleteIfExists(context.directory().resolve("position"));
      TreeSet<String> written = new TreeSet<>();
      TreeSet<String> come = new TreeSet<>();
      boolean rotated = false;
      append("");
      start(16 + random.nextInt(100));
      context.tick();
      for (int step = 0; step < 200; step++) {
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> {
            for (int i = random.nextInt(30); i >= 0; i--) {
              String line = "line " + round + " " + written.size();
              written.add(line);
              append(line + "\n");
            }
          }
          case 3 -> {
            // one at a time: not before the new file is read
            if (!rotated && Files.exists(file())) rotate();
            rotated = true;
          }
          case 4 -> {
            if (!door.acks.isEmpty()) door.acks.remove(random.nextInt(door.acks.size())).safe();
          }
          case 5 -> {
            if (!door.acks.isEmpty()) {
              door.acks.remove(random.nextInt(door.acks.size())).refused("busy", Duration.ZERO);
            }
            door.closed = random.nextBoolean();
          }
          case 6 -> {
            if (random.nextInt(4) == 0) {
              start(16 + random.nextInt(100));
              door.acks.clear();
            }
          }
          default -> {
            context.advance(Duration.ofMillis(500));
            context.tick();
          }
        }
        if (random.nextInt(30) == 0) rotated &= !(settle(come, written) && Files.exists(file()));
      }
      assertThat(settle(come, written)).isTrue();
      assertThat(come).as("round %s", round).isEqualTo(written);
      start(64);
      context.tick();
      assertThat(door.take()).as("all is acknowledged").isEmpty();
    }
  }

  /** Lets all that is written come and be acknowledged. */
  private boolean settle(TreeSet<String> come, TreeSet<String> written) {
    door.closed = false;
    for (int idle = 0; idle < 6; idle++) {
      context.advance(Duration.ofSeconds(10));
      context.tick();
      door.safe();
      List<String> taken = door.take();
      if (!taken.isEmpty()) idle = 0;
      come.addAll(taken);
    }
    return come.size() == written.size();
  }
}
