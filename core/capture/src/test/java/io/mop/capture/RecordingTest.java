package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.capture.Decoder;
import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Masker;
import io.mop.api.capture.Protocol;
import io.mop.api.capture.Stream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingTest {
  @TempDir Path directory;

  private Path file() {
    return directory.resolve("a.moprec");
  }

  private Setup recording(boolean raw, long maxSize, int connections) throws IOException {
    Setup setup = new Setup();
    setup.capture.record(new RecordTo(file(), raw, maxSize, connections), "1.2.3");
    return setup;
  }

  private Setup masked() throws IOException {
    Setup setup = recording(false, 1 << 20, 10);
    setup.capture.protocols(List.of(new NamedProtocol("lines", new MaskedLines(new Lines()))));
    return setup;
  }

  private Recording done(Setup setup) throws IOException {
    setup.capture.close();
    return Recording.read(file());
  }

  private static String bytes(Recording recording, int connection) {
    return recording.connections().get(connection).records().stream()
        .filter(Record::bytes)
        .map(r -> {
          byte[] b = new byte[r.cap()];
          r.payload(0, b, 0, b.length);
          return new String(b, StandardCharsets.ISO_8859_1);
        })
        .collect(Collectors.joining());
  }

  /** A line is masked when it has ended, but for its first letter. */
  private record MaskedLines(Lines lines) implements Protocol {
    @Override
    public Guess sniff(Stream in, Direction direction) {
      return lines.sniff(in, direction);
    }

    @Override
    public Decoder open(Exchanges out) {
      return lines.open(out);
    }

    @Override
    public Optional<Masker> masker() {
      return Optional.of((direction, in, out) -> {
        for (int lf; (lf = in.find((byte) '\n', 0, in.length())) >= 0; in.skip(lf + 1)) {
          if (in.at(0) == '!') throw new IllegalStateException("masker");
          out.mask(1, lf, 'x');
        }
      });
    }
  }

  @Test
  void aRawRecordingIsWhatTheKernelSaid() throws IOException {
    Setup setup = recording(true, 1 << 20, 10);
    List<Record> given = new ArrayList<>();
    Wire wire = new Wire(99, r -> {
      given.add(r.copy());
      setup.capture.accept(r);
    });
    wire.openServer().recv("Qa 0\n").send("Ra 0\n");
    wire.recv(Wire.bytes("Qb 4\nbody"), 6).lose(Record.RECV, 3).send("Rb 2\n");
    wire.sendOn("cc").eof().close();
    Recording recording = done(setup);
    assertThat(recording.writer()).isEqualTo("1.2.3");
    assertThat(recording.raw()).isTrue();
    Recording.Connection c = recording.connections().get(0);
    assertThat(c.listens()).isTrue();
    assertThat(c.records()).extracting(RecordingTest::shown)
        .isEqualTo(given.stream().map(RecordingTest::shown).toList());
    assertThat(c.records()).extracting(Record::ts).startsWith(0L, 1000L);
    Setup again = new Setup();
    for (Record r : recording.records()) again.capture.accept(r);
    assertThat(again.pairs()).isEqualTo(setup.pairs()).isNotEmpty();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file()))).isEqualTo("rw-------");
  }

  /** Of an OPEN record the process is another. */
  private static String shown(Record r) {
    byte[] payload = new byte[r.cap()];
    r.payload(0, payload, 0, payload.length);
    String bytes = r.kind() == Record.OPEN ? "" + r.openShort(Record.OPEN_LOCAL_PORT) : Arrays.toString(payload);
    return r.kind() + " " + r.dir() + " " + r.len() + " " + (r.kind() == Record.CLOSE ? 0 : r.seq()) + " "
        + (r.kind() == Record.OPEN ? "" : r.tx() + " " + r.rx()) + " " + bytes;
  }

  @Test
  void valuesAreMaskedAlsoWhereTheyComeInPieces() throws IOException {
    Setup setup = masked();
    Wire wire = new Wire(1, setup.capture).openServer();
    wire.recv("Qsecret 0\n").send("Rsec").send("ret 0\nR").recv("Qmore 0\nQ").send("secret 0\n");
    Recording recording = done(setup);
    assertThat(bytes(recording, 0)).isEqualTo("Qxxxxxxxx\nRxxxxxxxx\nRQxxxxxx\nxxxxxxxx\n");
    assertThat(setup.count(Counters.RECORDED_BYTES_WITHHELD)).as("a line that has not ended").isEqualTo(1);
    assertThat(recording.connections().get(0).records()).extracting(Record::len).containsExactly(0, 10, 4, 7, 9, 9);
  }

  @Test
  void whatNoMaskerHasToldIsNotRecorded() throws IOException {
    Setup setup = recording(false, 1 << 20, 10);
    new Wire(1, setup.capture).openServer().recv("Qsecret 0\n").send("Rsecret 0\n").close();
    new Wire(2, setup.capture).openServer().recv("\1secret").send("\1secret").close();
    Recording recording = done(setup);
    assertThat(bytes(recording, 0) + bytes(recording, 1)).isEmpty();
    assertThat(setup.count(Counters.RECORDED_BYTES_WITHHELD)).isEqualTo(10 + 10 + 7 + 7);
    assertThat(recording.connections().get(1).records()).extracting(Record::len).containsExactly(0, 7, 7, 0);
  }

  /** Nothing is recorded from a loss on, or where a masker fails. */
  @Test
  void afterALossNothingCanBeTold() throws IOException {
    Setup setup = masked();
    new Wire(1, setup.capture).openServer().recv("Qone 0\n").lose(Record.RECV, 3).recv("Qtwo 0\n").send("Rtwo 0\n");
    new Wire(2, setup.capture).openServer().recv("Qone 0\n").recv("!\n").send("Rtwo 0\n");
    Recording recording = done(setup);
    assertThat(bytes(recording, 0)).isEqualTo("Qxxxxx\n");
    assertThat(bytes(recording, 1)).isEqualTo("Qxxxxx\n");
  }

  @Test
  void itIsBounded() throws IOException {
    Setup setup = recording(true, 4096, 2);
    for (int c = 1; c <= 3; c++) new Wire(c, setup.capture).openServer().recv("Qa 0\n").send("Ra 0\n");
    assertThat(setup.count(Counters.RECORDED_CONNECTIONS)).isEqualTo(2);
    Wire wire = new Wire(1, setup.capture);
    wire.seq = 2;
    for (int i = 0; i < 100; i++) wire.recv("Q" + "a".repeat(200) + " 0\n");
    long left = setup.count(Counters.RECORDS_LEFT_OUT);
    Recording recording = done(setup);
    assertThat(Files.size(file())).isBetween(3000L, 4096L);
    assertThat(recording.records()).hasSize((int) (2 * 3 + 100 - left));
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    Files.writeString(file(), "mine");
    assertThatThrownBy(() -> recording(false, 4096, 1)).isInstanceOf(FileAlreadyExistsException.class);
    assertThat(file()).hasContent("mine");
  }

  @Test
  void whatCannotBeReadIsSaidInOneSentence() throws IOException {
    Setup setup = recording(true, 1 << 20, 10);
    new Wire(1, setup.capture).openServer().recv("Qa 0\n").send("Ra 0\n");
    done(setup);
    byte[] whole = Files.readAllBytes(file());
    assertThat(problem("GIF89a, or so".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo("x is no recording of mop record.");
    assertThat(problem(new byte[0])).isEqualTo("x is no recording of mop record.");
    byte[] newer = whole.clone();
    newer[7] = 2;
    assertThat(problem(newer)).isEqualTo("x is a recording of version 2 by MOP 1.2.3; this MOP reads version 1.");
    for (int n = Recording.MAGIC.length; n < whole.length; n++) {
      assertThat(problem(Arrays.copyOf(whole, n))).as("%d bytes", n).isEqualTo("x is cut off: its end is missing.");
    }
    for (int i = Recording.MAGIC.length + 2; i < whole.length; i++) {
      byte[] damaged = whole.clone();
      damaged[i] ^= (byte) 0xff;
      assertThat(problem(damaged)).as("byte %d", i)
          .isIn("", "x is cut off: its end is missing.", "x is damaged: what it holds makes no sense.");
    }
  }

  /** Empty if there is none. */
  private static String problem(byte[] file) {
    try {
      Recording.read("x", new ByteArrayInputStream(file));
      return "";
    } catch (IOException e) {
      return e.getMessage();
    }
  }
}
