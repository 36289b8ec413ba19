package io.mop.bpf;

import static io.mop.bpf.Recording.CONT;
import static io.mop.bpf.Recording.DATA;
import static io.mop.bpf.Recording.RECV;
import static io.mop.bpf.Recording.SEND;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** A call that one record does not take goes on in further ones, up to 16 KiB and the last 64 bytes. */
@OnBothHooks
class WindowTest {
  private static final int RECORD = 4096;
  private static final int TAIL = 64;
  @Parameter EbpfPlugin.Hook hook;
  @TempDir Path directory;

  @Test
  void longCallsAreInSeveralRecordsWithoutAGap() throws Exception {
    byte[] pattern = pattern(40_000);
    try (Probe probe = Probe.start(1 << 20, hook);
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Child client = CClient.of(directory, server.getLocalPort(), "windows")) {
      probe.selection().set(client.pid());
      client.run();
      try (Socket peer = server.accept()) {
        new DataInputStream(peer.getInputStream()).readFully(new byte[40_000 + 15_000 + 400]);
        peer.getOutputStream().write(pattern);
        assertThat(client.awaitExit()).isZero();
      }
      Recording recording = new Recording(probe.ring());
      recording.until("the close", () -> recording.all().stream().anyMatch(r -> r.kind() == Recording.CLOSE));
      List<Recording.Copy> sent = recording.data(SEND);
      assertThat(sent.subList(0, 5)).extracting(Recording.Copy::len)
          .containsExactly(RECORD, RECORD, RECORD, 27_648, TAIL);
      assertThat(sent.subList(5, 9)).extracting(Recording.Copy::len).containsExactly(RECORD, RECORD, RECORD, 2_712);
      assertThat(sent.subList(9, 14)).extracting(Recording.Copy::len).containsExactly(80, 80, 80, 80, 80);
      assertThat(sent).extracting(Recording.Copy::kind)
          .containsExactly(DATA, CONT, CONT, CONT, CONT, DATA, CONT, CONT, CONT, DATA, CONT, CONT, CONT, CONT);
      assertThat(content(sent.subList(0, 4))).isEqualTo(text(pattern, 16_384));
      assertThat(sent.get(4).text()).as("the end").isEqualTo(text(pattern, 40_000).substring(40_000 - TAIL));
      assertThat(content(sent.subList(5, 9))).isEqualTo(text(pattern, 15_000));
      assertThat(content(sent.subList(9, 14))).isEqualTo(text(pattern, 400));
      List<Recording.Copy> received = recording.data(RECV);
      assertThat(received).extracting(Recording.Copy::len).containsExactly(RECORD, RECORD, RECORD, 27_648, TAIL);
      assertThat(content(received.subList(0, 4))).isEqualTo(text(pattern, 16_384));
      assertFollowing(sent);
      assertFollowing(received);
      assertThat(recording.of(sent.get(0).conn()).stream().filter(Recording.Copy::numbered)).extracting(Recording.Copy::seq)
          .containsExactly(IntStream.range(0, 19).boxed().toArray(Integer[]::new));
      assertCounted(recording.of(sent.get(0).conn()));
      Sums.assertBalanced(probe.counters());
      assertThat(probe.counters())
          .containsEntry(Counter.SEEN, 4L)
          .containsEntry(Counter.CONTINUED, 15L)
          .containsEntry(Counter.WHOLE, 17L)
          .containsEntry(Counter.TRUNCATED, 2L);
    }
  }

  /** What TCP says of the connection at its end is what passed. */
  private static void assertCounted(List<Recording.Copy> connection) {
    Recording.Copy close = connection.get(connection.size() - 1);
    assertThat(close.kind()).isEqualTo(Recording.CLOSE);
    assertThat(close.u32(0)).as("round trip in microseconds").isBetween(1, 60_000_000);
    assertThat(close.u32(8)).as("segments in").isPositive();
    assertThat(close.u32(12)).as("segments out").isPositive();
    assertThat(close.u64(16)).as("bytes in").isBetween(40_000L, 40_001L);
    // Loopback loses nothing, but a receiver that is slow to answer is probed with a segment that it has.
    long again = close.u64(24) - (40_000 + 15_000 + 400);
    assertThat(again > 0).as("bytes sent again: %d", again).isEqualTo(close.u32(4) > 0);
  }

  private static void assertFollowing(List<Recording.Copy> records) {
    for (int i = 1; i < records.size(); i++) {
      assertThat(records.get(i).position() - records.get(i).len()).isEqualTo(records.get(i - 1).position());
    }
  }

  private static String content(List<Recording.Copy> records) {
    StringBuilder all = new StringBuilder();
    records.forEach(r -> all.append(r.text()));
    return all.toString();
  }

  private static String text(byte[] pattern, int n) {
    return new String(Arrays.copyOf(pattern, n), StandardCharsets.ISO_8859_1);
  }

  /** As the client's. */
  private static byte[] pattern(int n) {
    byte[] all = new byte[n];
    for (int i = 0; i < n; i++) all[i] = (byte) ('a' + (i + i / 26) % 26);
    return all;
  }
}
