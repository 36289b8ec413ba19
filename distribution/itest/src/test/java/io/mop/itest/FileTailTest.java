package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.FileTail;
import io.mop.testkit.OtlpSink;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A tailing receiver in the plugins directory, {@code durability: export}, and SIGKILL: every line arrives. */
@Timeout(300)
class FileTailTest {
  private static final int LINES = 30_000;
  private static final int KILLS = 6;
  private static final Pattern LINE = Pattern.compile("line (\\d{8})");
  private static final int WIDTH = "line 00000000\n".length();
  private static final int CHUNK = 2048;
  /** Lines that may have been read and not acknowledged. */
  private static final int UNACKNOWLEDGED = FileTail.PENDING * (CHUNK / WIDTH);
  private static final List<String> PARTS = List.of("FileTail", "FileTail$Config", "FileTailReceiver",
      "FileTailReceiver$Request", "FileTailReceiver$State", "FileTailPosition", "ProtoWriter");

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private final AtomicLong written = new AtomicLong();
  private Path file;
  private volatile boolean ended;

  @BeforeEach
  void plugin() throws IOException {
    file = directory.resolve("app.log");
    Files.createFile(file);
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.putValue("Bundle-ManifestVersion", "2");
    main.putValue("Bundle-SymbolicName", "test.file-tail");
    main.putValue("Bundle-Version", "1.0.0");
    String range = ";version=\"[1.0,2)\"";
    main.putValue("Import-Package", String.join(range + ",", "io.mop.api.data", "io.mop.api.pipeline",
        "io.mop.api.plugin") + range);
    main.putValue("Service-Component", "OSGI-INF/file-tail.xml");
    Path plugins = Files.createDirectory(directory.resolve("plugins"));
    try (JarOutputStream jar = new JarOutputStream(
        Files.newOutputStream(plugins.resolve("file-tail.jar")), manifest)) {
      jar.putNextEntry(new JarEntry("OSGI-INF/file-tail.xml"));
      jar.write("""
          <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="test.file-tail">
            <property name="mop.kind" value="RECEIVER"/>
            <property name="mop.name" value="file_tail"/>
            <service><provide interface="io.mop.api.plugin.Plugin"/></service>
            <implementation class="%s"/>
          </scr:component>
          """.formatted(FileTail.class.getName()).getBytes(StandardCharsets.UTF_8));
      for (String part : PARTS) {
        jar.putNextEntry(new JarEntry("io/mop/testkit/" + part + ".class"));
        try (InputStream in = FileTail.class.getResourceAsStream(part + ".class")) {
          in.transferTo(jar);
        }
      }
    }
  }

  @AfterEach
  void stop() {
    ended = true;
    sink.close();
  }

  private MopProcess run(String state, OtlpSink to) throws IOException {
    String config = """
        receivers:
          file_tail: { path: "%s", poll: 5ms, chunk: %dB }
        exporters:
          otlp: { endpoint: %s }
        service:
          pipelines:
            logs: { receivers: [file_tail], exporters: [otlp], durability: export }
        """.formatted(file, CHUNK, to.url());
    Path home = Files.createDirectories(directory.resolve(state));
    return MopProcess.start(home, config, "--plugins", directory.resolve("plugins").toString());
  }

  /** Appends numbered lines in bursts until all are written. */
  private void write() {
    try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
      Random random = new Random(5);
      while (written.get() < LINES && !ended) {
        StringBuilder burst = new StringBuilder();
        long to = Math.min(LINES, written.get() + 1 + random.nextInt(20));
        for (long i = written.get(); i < to; i++) burst.append("line %08d\n".formatted(i));
        out.write(burst.toString().getBytes(StandardCharsets.US_ASCII));
        written.set(to);
        LockSupport.parkNanos(5_000_000); // a pace at which the kills fall into the writing
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The lines that a sink took, and how many came again. */
  private static final class Arrived {
    final BitSet lines = new BitSet();
    long repeated;

    Arrived(OtlpSink sink) {
      for (OtlpSink.Request request : sink.kept()) {
        Matcher m = LINE.matcher(new String(request.body(), StandardCharsets.ISO_8859_1));
        while (m.find()) {
          int line = Integer.parseInt(m.group(1));
          if (lines.get(line)) repeated++;
          lines.set(line);
        }
      }
    }
  }

  /** Lines before the position that the receiver has stored. */
  private long acknowledged() {
    Path stored = directory.resolve("killed/mop/state/parts/receivers.file_tail/position");
    try (DataInputStream in = new DataInputStream(Files.newInputStream(stored))) {
      assertThat(in.readInt()).as("magic MOPT").isEqualTo(0x4D4F5054);
      assertThat(in.readShort()).as("format").isEqualTo((short) 1);
      in.readUTF();
      in.readUTF();
      long offset = in.readLong();
      assertThat(offset % WIDTH).as("the position is at the beginning of a line").isZero();
      return offset / WIDTH;
    } catch (NoSuchFileException e) {
      return 0; // not begun
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void everyLineArrivesThoughMopIsKilledAgainAndAgain() throws Exception {
    Random random = new Random();
    Thread writer = new Thread(this::write, "writer");
    writer.start();
    long mayRepeat = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      MopProcess mop = run("killed", sink);
      long target = sink.logs() + random.nextInt(5_000);
      Await.until("lines arrive", () -> sink.logs() >= target || acknowledged() == LINES, mop::log);
      mop.kill();
      long from = acknowledged();
      Arrived now = new Arrived(sink);
      assertThat((long) now.lines.nextClearBit(0)).as("all before the position has arrived")
          .isGreaterThanOrEqualTo(from);
      mayRepeat += Math.min(written.get() - from, UNACKNOWLEDGED);
      System.out.printf("kill %d: %d lines written, %d arrived, %d acknowledged%n", kill + 1, written.get(),
          now.lines.cardinality(), from);
    }
    try (MopProcess mop = run("killed", sink)) {
      Await.until("all is acknowledged", () -> acknowledged() == LINES, mop::log);
      mop.statusByCommand().assertNothingLost();
      assertThat(mop.stop()).as("exit code").isZero();
    } finally {
      writer.join();
    }
    Arrived all = new Arrived(sink);
    System.out.printf("%d lines, %d missing, %d arrived again of at most %d not acknowledged%n", LINES,
        LINES - all.lines.cardinality(), all.repeated, mayRepeat);
    assertThat(all.lines.cardinality()).as("lines that arrived").isEqualTo(LINES);
    assertThat(all.repeated).as("lines that arrived again").isLessThanOrEqualTo(mayRepeat);
    assertThat(sink.logs()).isEqualTo(LINES + all.repeated);

    try (OtlpSink fresh = new OtlpSink().keepRequests(); MopProcess mop = run("fresh", fresh)) {
      Await.until("all is read without a position", () -> fresh.logs() >= LINES, mop::log);
      Arrived again = new Arrived(fresh);
      assertThat(again.lines.cardinality()).isEqualTo(LINES);
      assertThat(again.repeated).isZero();
      assertThat(mop.stop()).as("exit code").isZero();
    }
  }
}
