package io.mop.bpf;

import static io.mop.bpf.Recording.RECV;
import static io.mop.bpf.Recording.SEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** Only bytes that passed on the socket are copied, whatever else the process does; what was not seen shows. */
@OnBothHooks
class ForeignMemoryTest {
  private static final int EXCHANGES = 200_000;
  private static final int INET = 2;
  @Parameter EbpfPlugin.Hook hook;
  @TempDir Path directory;
  private Probe probe;
  private Recording recording;
  private ServerSocket server;

  @BeforeEach
  void start() throws Exception {
    probe = Probe.start(4 << 20, hook);
    recording = new Recording(probe.ring());
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    server.setSoTimeout(60_000);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    probe.close();
  }

  /** What the server does with a client. */
  @FunctionalInterface
  private interface Serving {
    void serve(Socket peer, InputStream in) throws IOException;
  }

  private Map<Counter, Long> client(Serving serving, String mode, String... more) throws IOException {
    try (Child client = CClient.of(directory, server.getLocalPort(), mode, more)) {
      probe.selection().set(client.pid());
      client.run();
      try (Socket peer = server.accept()) {
        peer.setSoTimeout(60_000);
        serving.serve(peer, peer.getInputStream());
        assertThat(client.awaitExit()).isZero();
      }
    }
    recording.drain();
    Sums.assertBalanced(probe.counters());
    return probe.counters();
  }

  /** Answers each byte with the next text. */
  private static Serving answers(String... texts) {
    return (peer, in) -> {
      for (String text : texts) {
        assertThat(in.read()).isPositive();
        peer.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      }
    };
  }

  private static Serving expects(String text) {
    return (peer, in) -> assertThat(new String(in.readNBytes(text.length()), StandardCharsets.UTF_8)).isEqualTo(text);
  }

  private boolean sock() {
    return hook == EbpfPlugin.Hook.SOCK;
  }

  /** Bytes received before the last record of a receive, since the connection's first record, that no record stands for. */
  private int missing(List<Recording.Copy> received) {
    Recording.Copy last = received.get(received.size() - 1);
    int told = received.stream().mapToInt(Recording.Copy::len).sum();
    return last.rx() - recording.opens().get(0).rx() - told;
  }

  @Test
  void aBufferThatTheKernelDidNotFill() throws Exception {
    Map<Counter, Long> n = client(answers("thrown away!seen"), "flags");
    List<Recording.Copy> received = recording.data(RECV);
    assertThat(received).extracting(Recording.Copy::len).containsExactly(12, 4);
    assertThat(received).extracting(Recording.Copy::text).containsExactly("", "seen");
    assertThat(recording.anywhere("STALE-MARKER")).isFalse();
    assertThat(n).containsEntry(Counter.PEEKED, 1L).containsEntry(Counter.DISCARDED, 1L);
  }

  /** The socket's tracepoint does not fire for it, the call's exit is seen: one leaves a gap, the other a length. */
  @Test
  void spliceOutOfASocket() throws Exception {
    Map<Counter, Long> n = client(answers("spliced away", "seen"), "splice");
    List<Recording.Copy> received = recording.data(RECV);
    Recording.Copy last = received.get(received.size() - 1);
    assertThat(last.text()).isEqualTo("seen");
    assertThat(recording.anywhere("spliced")).isFalse();
    assertThat(received.subList(0, received.size() - 1)).allMatch(r -> r.cap() == 0);
    assertThat(received.stream().mapToInt(Recording.Copy::len).sum()).isEqualTo(sock() ? 4 : 16);
    assertThat(missing(received)).isEqualTo(sock() ? 12 : 0);
    assertThat(n.get(Counter.NO_BUFFER)).isEqualTo(received.size() - 1);
  }

  /** The socket's tracepoint fires inside a call that reads a file; the call's exit sees no call on the socket. */
  @Test
  void bytesReceivedByIoUringWhileAFileIsRead() throws Exception {
    Path disabled = Path.of("/proc/sys/kernel/io_uring_disabled");
    assumeTrue(!Files.exists(disabled) || Files.readString(disabled).startsWith("0"), "needs io_uring");
    Path file = Files.writeString(directory.resolve("file"), "FILE-MARKER ".repeat(10_000));
    Map<Counter, Long> n = client(answers("by the ring!", "seen"), "uring", file.toString());
    List<Recording.Copy> received = recording.data(RECV);
    assertThat(recording.anywhere("FILE-MARKER")).isFalse();
    assertThat(received).extracting(Recording.Copy::text).isEqualTo(sock() ? List.of("", "seen") : List.of("seen"));
    assertThat(missing(received)).isEqualTo(sock() ? 0 : 12);
    if (sock()) assertThat(received.get(0).len()).isEqualTo(12);
    // The answer may come so early that the work runs at the end of the call that sent the question.
    assertThat(n.get(Counter.GUARD) + n.get(Counter.NO_BUFFER)).isEqualTo(sock() ? 1 : 0);
  }

  @Test
  void callsOfThe32BitAbi() throws Exception {
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "needs x86-64");
    StringBuilder said = new StringBuilder();
    Serving listens = (peer, in) -> said.append(new String(in.readNBytes(4), StandardCharsets.UTF_8));
    Map<Counter, Long> n = client(listens, "compat");
    assumeTrue(!said.toString().equals("none"), "needs a kernel with the 32-bit ABI");
    assertThat(recording.data(SEND)).extracting(Recording.Copy::text).containsExactly("seen");
    assertThat(recording.anywhere("FOREIGN-MARKER")).isFalse();
    assertThat(n.get(Counter.COMPAT)).isEqualTo(sock() ? 0 : 1);
  }

  @Test
  void aMappedAddressIsIpv4() throws Exception {
    client(expects("seen"), "mapped");
    assertThat(recording.opens()).hasSize(1);
    Recording.Copy open = recording.opens().get(0);
    assertThat(open.u16(4)).isEqualTo(INET);
    assertThat(open.u16(8)).isEqualTo(server.getLocalPort());
    byte[] address = new byte[16];
    System.arraycopy(InetAddress.getLoopbackAddress().getAddress(), 0, address, 0, 4);
    assertThat(open.payload()).containsSequence(address);
  }

  @Test
  void aGroupThatOutlivesItsLeaderAndForks() throws Exception {
    client(expects("after the leader, from the child"), "leader");
    List<Recording.Copy> sent = recording.data(SEND);
    assertThat(sent).extracting(Recording.Copy::text).containsExactly("after the leader", ", from the child");
    int leader = recording.opens().get(0).u32(0);
    assertThat(sent).extracting(Recording.Copy::tid).doesNotContain(leader).doesNotHaveDuplicates();
    int child = sent.get(1).tid();
    recording.until(
        "both are deselected", () -> !probe.selection().contains(leader) && !probe.selection().contains(child));
  }

  /** The server's thread drains the ring too: however slow it is, no more waits in it than the client may send ahead. */
  @Test
  void separateSenderAndReceiver() throws Exception {
    Map<Counter, Long> n =
        client(
            (peer, in) -> {
              byte[] b = new byte[64 * 32];
              for (long left = EXCHANGES * 32L; left > 0; ) {
                int k = in.read(b);
                if (k < 0) throw new IOException("the client has ended");
                left -= k;
                recording.drain();
                peer.getOutputStream().write(b, 0, k);
              }
            },
            "threads",
            "" + EXCHANGES);
    long conn = recording.opens().get(0).conn();
    for (int dir : new int[] {SEND, RECV}) assertMessages(recording.data(dir), conn);
    boolean[] seen = new boolean[2 * EXCHANGES];
    for (Recording.Copy r : recording.of(conn)) {
      if (!r.data()) continue;
      assertThat(seen[r.seq()]).isFalse();
      seen[r.seq()] = true;
    }
    assertThat(n).containsEntry(Counter.WHOLE, 2L * EXCHANGES).containsEntry(Counter.RESERVE_FAILED, 0L);
    assertThat(probe.recursionMisses()).isZero();
  }

  private static void assertMessages(List<Recording.Copy> records, long conn) {
    assertThat(records).hasSize(EXCHANGES);
    int tid = records.get(0).tid();
    int position = records.get(0).position() - 32;
    for (int i = 0; i < EXCHANGES; i++) {
      Recording.Copy r = records.get(i);
      boolean right = r.len() == 32 && r.conn() == conn && r.tid() == tid && r.position() - r.len() == position;
      if (!right || Integer.parseInt(r.text().strip()) != i) throw new AssertionError("message " + i + ": " + r);
      position = r.position();
    }
  }
}
