package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads a made-up /proc: port 4317 (0x10DD) is held by socket 77, 4318 (0x10DE) over IPv6 by 88. */
class PortHolderTest {
  private static final String HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when"
      + " retrnsmt   uid  timeout inode\n";
  @TempDir private Path proc;

  @BeforeEach
  void fill() throws IOException {
    Files.createDirectories(proc.resolve("net"));
    Files.writeString(proc.resolve("net/tcp"), HEAD
        + "   0: 0100007F:10DD 0100007F:9999 01 00000000:00000000 00:00000000 00000000  0  0 66 1 0 100 0 0 10 0\n"
        + "   1: 0100007F:10DD 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 77 1 0 100 0 0 10 0\n");
    Files.writeString(proc.resolve("net/tcp6"), HEAD
        + "   0: 00000000000000000000000000000000:10DE 00000000000000000000000000000000:0000 0A 00000000:00000000 "
        + "00:00000000 00000000  0  0 88 1 0 100 0 0 10 0\n");
    process("self", "me", "socket:[1]");
    process("12", "nginx", "pipe:[3]", "socket:[66]");
    process("4711", "otelcol", "socket:[5]", "socket:[77]");
  }

  private void process(String pid, String name, String... files) throws IOException {
    Path fd = proc.resolve(pid).resolve("fd");
    Files.createDirectories(fd);
    Files.writeString(proc.resolve(pid).resolve("comm"), name + "\n");
    for (int i = 0; i < files.length; i++) Files.createSymbolicLink(fd.resolve(String.valueOf(i)), Path.of(files[i]));
  }

  @Test
  void theListenerIsFoundByItsSocket() {
    assertThat(PortHolder.find(proc, 4317)).hasValue("process 4711 (otelcol)");
  }

  @Test
  void aListenerThatMayNotBeSeenStaysUnknown() {
    assertThat(PortHolder.find(proc, 4318)).isEmpty();
    assertThat(PortHolder.find(proc, 9)).isEmpty();
    assertThat(PortHolder.find(proc.resolve("absent"), 4317)).isEmpty();
  }

  @Test
  void aListenerOverIpv6IsFound() throws IOException {
    process("4712", "java", "socket:[88]");
    assertThat(PortHolder.find(proc, 4318)).hasValue("process 4712 (java)");
  }

  @Test
  void ownSocketsAreSeenFirst() throws IOException {
    Files.createSymbolicLink(proc.resolve("self/fd/9"), Path.of("socket:[77]"));
    assertThat(PortHolder.find(proc, 4317)).hasValue("this process, by another receiver");
  }
}
