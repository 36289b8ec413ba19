package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a datagram socket of another process, as systemd has one. */
@Timeout(60)
class NotifySocketTest {
  private static final String LISTEN =
      """
      my ($path, $count) = @ARGV;
      $path =~ s/^@/\\0/;
      $| = 1;
      socket(my $s, AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
      bind($s, pack_sockaddr_un($path)) or die "bind: $!";
      print "bound\\n";
      for (1 .. $count) { recv($s, my $m, 65536, 0); print length($m) . " $m\\n"; }
      """;

  @TempDir Path directory;

  /** Reads so many datagrams: of each its length and text. */
  private static Process listen(String socket, int datagrams) throws IOException {
    return new ProcessBuilder("perl", "-MSocket", "-e", LISTEN, socket, "" + datagrams)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void deliver(String socket) throws Exception {
    Process listener = listen(socket, 3);
    try (BufferedReader out = listener.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).isEqualTo("bound");
      NotifySocket manager = new NotifySocket();
      manager.notify(socket, "READY=1");
      manager.notify(socket, "STATUS=läuft");
      String longest = "STATUS=" + "x".repeat(4000);
      manager.notify(socket, longest);
      assertThat(out.lines()).containsExactly("7 READY=1", "13 STATUS=läuft", "4007 " + longest);
      assertThat(listener.waitFor()).isZero();
    } finally {
      listener.destroyForcibly();
    }
  }

  @Test
  void aPath() throws Exception {
    deliver(directory.resolve("notify").toString());
  }

  @Test
  void anAbstractName() throws Exception {
    deliver("@mop-test-" + UUID.randomUUID());
  }

  @Test
  void aSocketThatIsFullIsAnErrorAndNotAWait() throws Exception {
    String socket = directory.resolve("full").toString();
    Process listener =
        new ProcessBuilder("perl", "-MSocket", "-e", LISTEN.replace("for (1", "<STDIN>; for (1"), socket, "0").start();
    try (BufferedReader out = listener.inputReader(StandardCharsets.UTF_8)) {
      assertThat(out.readLine()).isEqualTo("bound");
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 1_000_000; i++) new NotifySocket().notify(socket, "WATCHDOG=1");
              })
          .hasMessage("cannot send to NOTIFY_SOCKET " + socket + ": Resource temporarily unavailable");
    } finally {
      listener.destroyForcibly();
    }
  }

  @Test
  void nobodyThere() {
    String socket = directory.resolve("absent").toString();
    assertThatThrownBy(() -> new NotifySocket().notify(socket, "READY=1"))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot send to NOTIFY_SOCKET " + socket + ": No such file or directory");
  }

  @ParameterizedTest(name = "\"{0}\"")
  @ValueSource(strings = {"", "relative", "vsock:2:1234"})
  void noAddressOfAUnixSocket(String socket) {
    assertThatThrownBy(() -> new NotifySocket().notify(socket, "READY=1"))
        .hasMessageStartingWith("NOTIFY_SOCKET is no path of at most 107 bytes and no abstract name: ");
  }

  @Test
  void aPathThatIsTooLong() {
    for (String start : List.of("/", "@")) {
      assertThatThrownBy(() -> new NotifySocket().notify(start + "x".repeat(107), "READY=1"))
          .hasMessageStartingWith("NOTIFY_SOCKET is no path of at most 107 bytes");
    }
  }

  @Test
  void noDescriptorIsLeftOpen() throws Exception {
    long before = descriptors();
    for (int i = 0; i < 200; i++) {
      assertThatThrownBy(() -> new NotifySocket().notify(directory.resolve("absent").toString(), "READY=1")).isNotNull();
    }
    assertThat(descriptors()).isLessThan(before + 100);
  }

  private static long descriptors() throws IOException {
    try (var files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }
}
