package io.mop.bpf;

import static io.mop.bpf.Recording.CLOSE;
import static io.mop.bpf.Recording.CONT;
import static io.mop.bpf.Recording.DATA;
import static io.mop.bpf.Recording.END;
import static io.mop.bpf.Recording.OPEN;
import static io.mop.bpf.Recording.RECV;
import static io.mop.bpf.Recording.SEND;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Families, vectors, ends and unusual receives, from the side of a selected client. */
@OnBothHooks
class SocketKindsTest {
  @Parameter EbpfPlugin.Hook hook;
  private static final int UNIX = 1;
  private static final int INET = 2;
  private static final int INET6 = 10;
  private static final int VECTORS = 13 + 120;
  @TempDir Path directory;
  private Probe probe;
  private Recording recording;

  @BeforeEach
  void start() throws BpfException {
    probe = Probe.start(1 << 20, hook);
    recording = new Recording(probe.ring());
  }

  @AfterEach
  void stop() {
    probe.close();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void tcp(String address) throws Exception {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
      int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
      int pid = serve(server, "tcp", address, "" + port);
      Recording.Copy open = theOpen(pid);
      assertThat(open.u16(4)).isEqualTo(address.equals("::1") ? INET6 : INET);
      assertThat(open.u16(8)).isEqualTo(port);
      byte[] expected = Arrays.copyOf(InetAddress.getByName(address).getAddress(), 16);
      assertThat(Arrays.copyOfRange(open.payload(), 16, 32)).isEqualTo(expected);
      assertThat(Arrays.copyOfRange(open.payload(), 32, 48)).isEqualTo(expected);
      recording.until("the close", () -> recording.all().stream().anyMatch(r -> r.kind() == CLOSE));
      assertStream(open.conn(), List.of(OPEN, DATA, DATA, CONT, DATA, END, CLOSE));
      Recording.Copy close = recording.of(open.conn()).get(6);
      assertThat(close.tid()).isZero();
      assertThat(close.seq()).isEqualTo(5);
    }
  }

  @Test
  void unix() throws Exception {
    UnixDomainSocketAddress path = UnixDomainSocketAddress.of(directory.resolve("s"));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(path)) {
      int pid = serve(server, "unix", path.toString());
      Recording.Copy open = theOpen(pid);
      assertThat(open.u16(4)).isEqualTo(UNIX);
      assertStream(open.conn(), List.of(OPEN, DATA, DATA, CONT, DATA, END));
      assertThat(recording.of(open.conn()).get(5).tx()).isEqualTo(VECTORS);
      assertThat(recording.of(open.conn()).get(5).rx()).isEqualTo(10);
    }
  }

  /** Runs a selected {@link Peer} to its end against one connection of the server. */
  private int serve(ServerSocketChannel server, String... arguments) throws IOException {
    try (Child peer = Child.java(Peer.class, arguments)) {
      probe.selection().set(peer.pid());
      peer.run();
      try (SocketChannel channel = server.accept()) {
        ByteBuffer in = ByteBuffer.allocate(VECTORS);
        while (in.hasRemaining() && channel.read(in) >= 0) {}
        channel.write(ByteBuffer.wrap("abcdefghij".getBytes(StandardCharsets.UTF_8)));
      }
      assertThat(peer.awaitExit()).isZero();
      recording.drain();
      return peer.pid();
    }
  }

  private Recording.Copy theOpen(int pid) {
    assertThat(recording.opens()).hasSize(1).allMatch(r -> r.u32(0) == pid);
    return recording.opens().get(0);
  }

  private void assertStream(long conn, List<Integer> kinds) {
    List<Recording.Copy> records = recording.of(conn);
    assertThat(records).extracting(Recording.Copy::kind).isEqualTo(kinds);
    assertThat(records.get(1).text()).isEqualTo("one two three");
    assertThat(records.get(2).text()).isEqualTo("0123456789".repeat(8)); // the first 8 pieces
    assertThat(records.get(3).text()).isEqualTo("0123456789".repeat(4)); // the others
    assertThat(records.get(4).dir()).isEqualTo(RECV);
    assertThat(records.get(4).text()).isEqualTo("abcdefghij");
    for (int i = 2; i <= 3; i++) {
      assertThat(records.get(i).tx() - records.get(i).len()).isEqualTo(records.get(i - 1).tx());
    }
    assertThat(records.get(5).len()).isZero();
    assertThat(probe.counters()).containsEntry(Counter.CONTINUED, 1L).containsEntry(Counter.WHOLE, 4L);
    Sums.assertBalanced(probe.counters());
  }

  /** The kernel's part of such a connection ends when the peer's end arrives, before its last bytes are read. */
  @Test
  void whatIsReadAfterAHalfCloseComesBeforeTheClose() throws Exception {
    String script =
        """
        use Socket;
        socket(my $s, AF_INET, SOCK_STREAM, 0) or die; connect($s, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die $!;
        syswrite($s, 'ask'); shutdown($s, 1);
        <STDIN>;
        my $b; 1 while sysread($s, $b, 100);
        """;
    try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
        Child perl = new Child("perl", "-e", script, "" + ((InetSocketAddress) server.getLocalAddress()).getPort())) {
      probe.selection().set(perl.pid());
      perl.run();
      try (SocketChannel channel = server.accept()) {
        ByteBuffer in = ByteBuffer.allocate(10);
        while (channel.read(in) >= 0) {}
        channel.write(ByteBuffer.wrap("answer".getBytes(StandardCharsets.UTF_8)));
      }
      perl.tell("read");
      assertThat(perl.awaitExit()).isZero();
      recording.until("the close", () -> recording.all().stream().anyMatch(r -> r.kind() == CLOSE));
      List<Recording.Copy> records = recording.of(theOpen(perl.pid()).conn());
      assertThat(records).extracting(Recording.Copy::kind).containsExactly(OPEN, DATA, DATA, END, CLOSE);
      assertThat(records.get(2).text()).isEqualTo("answer");
    }
  }

  @Test
  void udp() throws Exception {
    try (DatagramSocket server = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
        Child peer = Child.java(Peer.class, "udp", "127.0.0.1", "" + server.getLocalPort())) {
      probe.selection().set(peer.pid());
      peer.run();
      DatagramPacket packet = new DatagramPacket(new byte[100], 100);
      server.receive(packet);
      SocketAddress from = packet.getSocketAddress();
      server.send(new DatagramPacket("answer".getBytes(StandardCharsets.UTF_8), 6, from));
      assertThat(peer.awaitExit()).isZero();
      recording.drain();
      assertThat(recording.of(DATA, SEND)).extracting(Recording.Copy::text).containsExactly("question");
      assertThat(recording.of(DATA, RECV)).extracting(Recording.Copy::text).containsExactly("answer");
      assertThat(theOpen(peer.pid()).u16(8)).isEqualTo(server.getLocalPort());
    }
  }

  @Test
  void receivesThatDoNotTakeBytesAreCountedAndNotRecorded() throws Exception {
    String script =
        """
        use Socket; use Config;
        socket(my $s, AF_INET, SOCK_STREAM, 0) or die; connect($s, sockaddr_in($ARGV[0], INADDR_LOOPBACK)) or die $!;
        my $b = '';
        recv($s, $b, 5, MSG_PEEK); recv($s, $b, 5, MSG_PEEK);    # twice the same, left in place
        recv($s, $b, 0, 0);                                      # no room is no end of stream
        recv($s, $b, 3, MSG_TRUNC);                              # 3 bytes thrown away
        recv($s, $b, 100, 0);
        recv($s, $b, 100, MSG_DONTWAIT);                         # EAGAIN
        socket(my $n, 16, SOCK_RAW, 0) or die; recv($n, $b, 10, MSG_DONTWAIT);  # netlink
        pipe(my $r, my $w); syswrite($w, 'spliced');
        syscall($Config{archname} =~ /x86_64/ ? 275 : 76, fileno($r), 0, fileno($s), 0, 7, 0) == 7 or die $!;
        """;
    try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
        Child perl = new Child("perl", "-e", script, "" + ((InetSocketAddress) server.getLocalAddress()).getPort())) {
      probe.selection().set(perl.pid());
      perl.run();
      try (SocketChannel channel = server.accept()) {
        channel.write(ByteBuffer.wrap("hello world".getBytes(StandardCharsets.UTF_8)));
        ByteBuffer in = ByteBuffer.allocate(7);
        while (in.hasRemaining() && channel.read(in) >= 0) {}
        assertThat(new String(in.array(), StandardCharsets.UTF_8)).isEqualTo("spliced");
        assertThat(perl.awaitExit()).isZero();
      }
    }
    recording.drain();
    assertThat(recording.of(DATA, RECV)).extracting(Recording.Copy::len).containsExactly(3, 8);
    assertThat(recording.of(DATA, RECV)).extracting(Recording.Copy::text).containsExactly("", "lo world");
    assertThat(recording.of(DATA, SEND)).extracting(Recording.Copy::len).containsExactly(7);
    assertThat(recording.of(DATA, SEND)).extracting(Recording.Copy::text).containsExactly("");
    // Of a splice the socket's tracepoint sees that its first argument is another file; the call's exit knows the call.
    Counter splice = hook == EbpfPlugin.Hook.SOCK ? Counter.GUARD : Counter.NO_BUFFER;
    assertThat(probe.counters())
        .containsEntry(Counter.PEEKED, 2L)
        .containsEntry(Counter.NOTHING, 1L)
        .containsEntry(Counter.FAILED_CALL, 1L)
        .containsEntry(Counter.OTHER_FAMILY, 1L)
        .containsEntry(Counter.DISCARDED, 1L)
        .containsEntry(splice, 1L)
        .containsEntry(Counter.WHOLE, 1L)
        .containsEntry(Counter.SEEN, 8L);
    Sums.assertBalanced(probe.counters());
  }
}
