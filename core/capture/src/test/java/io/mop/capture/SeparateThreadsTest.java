package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/**
 * One thread sends and another receives on a connection. A record is written some time after its bytes passed, before
 * the next call of its thread; the position of the other direction in it is that of some moment between.
 */
class SeparateThreadsTest {
  private static final int EXCHANGES = 60;

  @Property(tries = 1500)
  void everyExchangeIsThere(
      @ForAll long seed, @ForAll boolean server, @ForAll @IntRange(min = 1, max = 32) int depth) {
    Setup s = new Setup();
    new Process(new Wire(1, s.capture), s, new Random(seed), server, depth).run();
    assertThat(s.pairs()).hasSize(EXCHANGES).doesNotHaveDuplicates();
    assertThat(s.pairs()).allMatch(p -> p.substring(0, p.indexOf('=')).equals(p.substring(p.indexOf('=') + 1)));
    assertThat(s.count(Counters.EXCHANGES_INCOMPLETE)).isZero();
    assertThat(s.count(Counters.RESPONSES_UNMATCHED)).isZero();
    assertThat(s.count(Counters.RESYNCS)).isZero();
    assertThat(s.count(Counters.BYTES_LOST)).isZero();
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void responsesAreRecordedBeforeTheirRequests() {
    Setup s = new Setup();
    for (int i = 0; i < 20; i++) new Process(new Wire(i, s.capture), s, new Random(i), false, 4).run();
    assertThat(s.count(Counters.RESPONSES_HELD)).as("or this would show nothing").isGreaterThan(20);
  }

  /** A call whose bytes have passed and whose record is not written yet. */
  private static final class Call {
    final byte[] bytes;
    final int position;
    int opposite;
    boolean looked;

    Call(byte[] bytes, int position) {
      this.bytes = bytes;
      this.position = position;
    }
  }

  private static final class Process {
    private final Wire wire;
    private final Setup setup;
    private final Random random;
    private final int requestDir;
    private final int depth;
    private final Call[] calls = new Call[2];
    private final int[] position = {0x7fff_ff00, 0xffff_ff00};
    private final ArrayDeque<String> requestPieces = new ArrayDeque<>();
    private final ArrayDeque<String> responsePieces = new ArrayDeque<>();
    /** Ids of requests that have passed and are not answered; at a server only after their record. */
    private final ArrayDeque<Integer> unanswered = new ArrayDeque<>();
    private int asked;
    private int asking = -1;
    private int answered;
    private boolean drained;

    Process(Wire wire, Setup setup, Random random, boolean server, int depth) {
      this.wire = wire;
      this.setup = setup;
      this.random = random;
      this.depth = depth;
      requestDir = server ? Record.RECV : Record.SEND;
      if (server) wire.openServer();
      else wire.openClient();
    }

    void run() {
      while (answered < EXCHANGES || calls[0] != null || calls[1] != null) {
        int dir = random.nextInt(2);
        if (calls[dir] == null) pass(dir);
        else if (!calls[dir].looked && random.nextBoolean()) look(dir);
        else if (random.nextBoolean()) write(dir);
        drain();
      }
    }

    private void pass(int dir) {
      String piece = dir == requestDir ? request() : response();
      if (piece == null) return;
      position[dir] += piece.length();
      calls[dir] = new Call(Wire.bytes(piece), position[dir]);
      boolean serverReads = requestDir == Record.RECV;
      if (dir == requestDir && !serverReads) asked();
    }

    private void asked() {
      if (!requestPieces.isEmpty() || asking < 0) return;
      unanswered.add(asking);
      asking = -1;
    }

    private String request() {
      if (requestPieces.isEmpty()) {
        boolean full = asked == EXCHANGES || asking >= 0 || asked - answered >= depth;
        if (full) return null;
        asking = asked++;
        pieces(requestPieces, 'Q', asking);
      }
      return requestPieces.poll();
    }

    private String response() {
      if (responsePieces.isEmpty()) {
        Integer id = unanswered.poll();
        if (id == null) return null;
        pieces(responsePieces, 'R', id);
      }
      String piece = responsePieces.poll();
      if (responsePieces.isEmpty()) answered++;
      return piece;
    }

    private void pieces(ArrayDeque<String> to, char kind, int id) {
      int body = random.nextBoolean() ? 0 : random.nextInt(30);
      String message = kind + "m" + id + " " + body + "\n" + "x".repeat(body);
      int cut = 1 + random.nextInt(message.length());
      to.add(message.substring(0, cut));
      if (cut < message.length()) to.add(message.substring(cut));
    }

    private void look(int dir) {
      calls[dir].opposite = position[1 - dir];
      calls[dir].looked = true;
    }

    private void write(int dir) {
      Call c = calls[dir];
      if (!c.looked) look(dir);
      wire.rx = dir == Record.RECV ? c.position : c.opposite;
      wire.tx = dir == Record.SEND ? c.position : c.opposite;
      calls[dir] = null;
      wire.put(Record.DATA, dir, c.bytes.length, c.bytes, c.bytes.length, wire.seq++);
      if (dir == requestDir && requestDir == Record.RECV) asked();
    }

    /** A call does not last for two drains. */
    private void drain() {
      boolean rest = calls[0] == null && calls[1] == null;
      if (rest) drained = false;
      if (drained || random.nextInt(10) > 0) return;
      drained = !rest;
      setup.capture.drained(0);
    }
  }
}
