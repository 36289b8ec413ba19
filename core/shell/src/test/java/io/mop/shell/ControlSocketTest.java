package io.mop.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ControlSocketTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  @TempDir Path temp;
  private Path dir;
  private ControlSocket socket;

  @BeforeEach
  void shortName() {
    dir = temp.resolve("s");
  }

  @AfterEach
  void close() throws IOException {
    if (socket != null) {
      socket.close();
    }
  }

  private static final ControlSocket.Commands ECHO =
      (line, out) -> {
        out.write(("<" + line + ">").getBytes(StandardCharsets.UTF_8));
        return line.length();
      };

  private String send(byte[] bytes) throws IOException {
    return send(dir, bytes);
  }

  static String send(Path dir, byte[] bytes) throws IOException {
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(dir.resolve("mop.sock")))) {
      client.write(ByteBuffer.wrap(bytes));
      return new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) throw new AssertionError("not within 20 s: " + what);
      Thread.onSpinWait();
    }
  }

  @Test
  void runsOneLineAndEndsWithTheExitCode() throws Exception {
    socket = ControlSocket.open(dir, LONG, ECHO);
    assertThat(send("héllo\n".getBytes(StandardCharsets.UTF_8))).isEqualTo("<héllo>\n5\n");
    assertThat(send("\n".getBytes(StandardCharsets.UTF_8))).isEqualTo("<>\n0\n");
    assertThat(send("first\nsecond\n".getBytes(StandardCharsets.UTF_8))).isEqualTo("<first>\n5\n");
  }

  @Test
  void aLineThatIsTooLongIsRefused() throws Exception {
    socket = ControlSocket.open(dir, LONG, ECHO);
    byte[] longest = "x".repeat(ControlSocket.MAX_LINE + 1).getBytes(StandardCharsets.US_ASCII);
    longest[ControlSocket.MAX_LINE] = '\n';
    assertThat(send(longest)).endsWith("x>\n65536\n");
    assertThat(send("x".repeat(ControlSocket.MAX_LINE + 1).getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo("mop: expected one line of at most 65536 bytes.\n2\n");
  }

  @Test
  void isOpenToItsUserOnly() throws Exception {
    socket = ControlSocket.open(dir, LONG, ECHO);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("mop.sock"))))
        .isEqualTo("rw-------");
    try (var files = Files.list(dir)) {
      assertThat(files).as("no trace of the making").containsExactly(dir.resolve("mop.sock"));
    }
  }

  @Test
  void replacesTheSocketOfADeadProcess() throws Exception {
    Files.createDirectories(dir);
    ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    dead.bind(UnixDomainSocketAddress.of(dir.resolve("mop.sock")));
    dead.close();
    assertThat(dir.resolve("mop.sock")).exists();
    socket = ControlSocket.open(dir, LONG, ECHO);
    assertThat(send("a\n".getBytes(StandardCharsets.UTF_8))).isEqualTo("<a>\n1\n");
  }

  @Test
  void leavesTheSocketOfALivingProcess() throws Exception {
    socket = ControlSocket.open(dir, LONG, ECHO);
    assertThatThrownBy(() -> ControlSocket.open(dir, LONG, ECHO))
        .isInstanceOf(IOException.class)
        .hasMessage("Control socket " + dir.resolve("mop.sock") + " is in use: another MOP is running there.");
    assertThat(send("a\n".getBytes(StandardCharsets.UTF_8))).isEqualTo("<a>\n1\n");
  }

  @Test
  void leavesAFileThatIsNoSocket() throws Exception {
    Files.createDirectories(dir);
    Files.writeString(dir.resolve("mop.sock"), "precious");
    assertThatThrownBy(() -> ControlSocket.open(dir, LONG, ECHO))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("cannot be made: a file that is not a socket is there.");
    assertThat(dir.resolve("mop.sock")).hasContent("precious");
  }

  @Test
  void anUnusableDirectoryIsASentence() throws Exception {
    Path file = Files.writeString(temp.resolve("file"), "x");
    assertThatThrownBy(() -> ControlSocket.open(file.resolve("state"), LONG, ECHO))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("Control socket " + file.resolve("state/mop.sock") + " cannot be made: ");
    Path deep = temp.resolve("d".repeat(100));
    assertThatThrownBy(() -> ControlSocket.open(deep, LONG, ECHO))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("a unix socket's path has at most 107 bytes, so the state directory's may have 75.");
  }

  @Test
  void closingRemovesItsOwnSocketOnly() throws Exception {
    ControlSocket first = ControlSocket.open(dir, LONG, ECHO);
    Files.delete(dir.resolve("mop.sock"));
    socket = ControlSocket.open(dir, LONG, ECHO);
    first.close();
    assertThat(send("a\n".getBytes(StandardCharsets.UTF_8))).isEqualTo("<a>\n1\n");
    socket.close();
    assertThat(dir.resolve("mop.sock")).doesNotExist();
  }

  @Test
  void aClientThatComesWhileTheSocketClosesIsDroppedQuietly() throws Exception {
    ControlSocket closed = ControlSocket.open(dir, LONG, ECHO);
    closed.close();
    Path other = Files.createDirectories(dir).resolve("other");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(other));
      try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(other));
          SocketChannel served = server.accept()) {
        closed.serve(served, false); // an exception would end its thread with a stack trace
        assertThat(served.isOpen()).isFalse();
        assertThat(Channels.newInputStream(client).readAllBytes()).isEmpty();
      }
    }
  }

  @Test
  void aSilentClientIsDropped() throws Exception {
    socket = ControlSocket.open(dir, Duration.ofMillis(1), ECHO);
    assertThat(send(new byte[0])).isEmpty();
  }

  @Test
  void tooManyCommandsAtOneTimeAreRefused() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch running = new CountDownLatch(ControlSocket.MAX_CONNECTIONS);
    socket =
        ControlSocket.open(
            dir,
            LONG,
            (line, out) -> {
              running.countDown();
              try {
                go.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              return 0;
            });
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < ControlSocket.MAX_CONNECTIONS; i++) {
      SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(dir.resolve("mop.sock")));
      client.write(ByteBuffer.wrap("x\n".getBytes(StandardCharsets.UTF_8)));
      clients.add(client);
    }
    running.await();
    assertThat(send(new byte[0])).isEqualTo("mop: 8 commands are running already; try again.\n1\n");
    go.countDown();
    for (SocketChannel client : clients) {
      assertThat(Channels.newInputStream(client).readAllBytes()).asString().isEqualTo("0\n");
      client.close();
    }
  }
}
