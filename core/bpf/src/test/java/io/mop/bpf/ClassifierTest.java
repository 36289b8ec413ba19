package io.mop.bpf;

import static io.mop.bpf.Recording.RECV;
import static io.mop.bpf.Recording.SEND;
import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.capture.Protocol;
import io.mop.api.plugin.Size;
import io.mop.plugins.http.HttpProbe;
import io.mop.testkit.TestContext;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** The classifier of HTTP/1 in the kernel: what it leaves out are bytes of bodies, and never one that frames them. */
@OnBothHooks
class ClassifierTest {
  private static final int MESSAGES = 40;
  private static final int WINDOW = 16 << 10;

  @Parameter EbpfPlugin.Hook hook;
  private final Protocol http =
      new HttpProbe().create(new HttpProbe.Config(new Size(16 << 10), List.of()), new TestContext("protocols.http"));
  private Probe probe;
  private Recording recording;

  @BeforeEach
  void start() throws BpfException {
    probe = Probe.start(64 << 20, hook);
    recording = new Recording(probe.ring());
  }

  @AfterEach
  void stop() {
    probe.close();
  }

  @Test
  void whatIsLeftOutIsBodies() throws Exception {
    probe.classifiers().load("http", http);
    assertThat(probe.classifiers().stage(http)).isPositive();
    long cut = 0;
    for (long seed = 1; seed <= 12; seed++) cut += talk(seed, seed % 2 == 0, true);
    assertThat(cut).as("bytes left out").isGreaterThan(5_000_000);
    assertThat(probe.counters().get(Counter.FRAMED)).isPositive();
    Sums.assertBalanced(probe.counters());
  }

  @Test
  void withoutItTheFirstBytesAreCapturedWhateverTheyAre() throws Exception {
    probe.classifiers().load("http", http);
    int stage = probe.classifiers().stage(http);
    probe.classifiers().unload(http);
    assertThat(probe.classifiers().stage(http)).isZero();
    talk(1, false, false);
    assertThat(probe.counters()).containsEntry(Counter.FRAMED, 0L);
    probe.classifiers().load("http", http);
    assertThat(probe.classifiers().stage(http)).as("not that of the one before").isPositive().isNotEqualTo(stage);
    Sums.assertBalanced(probe.counters());
  }

  /** How many bytes were left out, of a process that sends messages and then receives some. */
  private long talk(long seed, boolean client, boolean framed) throws Exception {
    HttpMessages in = HttpMessages.of(-seed, !client, MESSAGES);
    try (ObservedTalker talker = new ObservedTalker(probe, recording, http)) {
      HttpMessages out = talker.talk(seed, MESSAGES, client, in.bytes().length);
      WritableByteChannel channel = Channels.newChannel(talker.peer.getOutputStream());
      for (ByteBuffer[] call : in.calls()) for (ByteBuffer piece : call) channel.write(piece);
      talker.awaitEnd();
      long conn = talker.conn;
      long sent = ObservedTalker.HELLO + out.bytes().length;
      recording.until("all", () ->
          recording.bytes(conn, SEND) == sent && recording.bytes(conn, RECV) == in.bytes().length);
      return assertKept(conn, SEND, ObservedTalker.HELLO, out, framed) + assertKept(conn, RECV, 0, in, framed);
    }
  }

  /**
   * Each record has the bytes of its place, and all that frame are there, but for those of calls of which as much was
   * captured as is of any.
   */
  private long assertKept(long conn, int dir, int before, HttpMessages messages, boolean framed) {
    byte[] bytes = messages.bytes();
    BitSet kept = new BitSet();
    BitSet full = new BitSet();
    int call = 0;
    int captured = 0;
    List<Recording.Copy> records = recording.of(conn).stream().filter(r -> r.data(dir)).toList();
    int at = -before;
    for (Recording.Copy r : records) {
      if (at >= 0) {
        assertThat(r.payload()).isEqualTo(Arrays.copyOfRange(bytes, at, at + r.cap()));
        kept.set(at, at + r.cap());
      }
      if (r.kind() == Recording.DATA) {
        call = at;
        captured = 0;
      }
      captured += r.cap();
      at += r.len();
      if (captured >= WINDOW) full.set(call, at);
    }
    assertThat(at).isEqualTo(bytes.length);
    int cut = bytes.length - kept.cardinality();
    kept.or(full);
    if (framed) assertFramingKept(messages.framing(), kept, bytes);
    return cut;
  }

  private static void assertFramingKept(BitSet framing, BitSet kept, byte[] bytes) {
    BitSet missing = (BitSet) framing.clone();
    missing.andNot(kept);
    int first = missing.nextSetBit(0);
    if (first < 0) return;
    String around = new String(bytes, Math.max(0, first - 200), Math.min(400, bytes.length - first));
    throw new AssertionError("byte " + first + " is missing, behind its 200: " + around);
  }
}
