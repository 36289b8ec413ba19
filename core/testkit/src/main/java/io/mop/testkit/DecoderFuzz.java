package io.mop.testkit;

import com.sun.management.ThreadMXBean;
import io.mop.api.capture.Decoder;
import io.mop.api.capture.Protocol;
import io.mop.capture.Counters;
import io.mop.testkit.Mutator.Piece;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Feeds a protocol's decoder, behind the real capture core and at both sides, with conversations that are nearly right:
 * bytes flipped, ranges cut, doubled and taken from elsewhere, lengths changed, pieces split, swapped, left out, begun
 * late, not captured, and records lost. Nothing but {@link io.mop.api.capture.Stream.Gap} may escape, a call must end
 * in a bounded number of steps, allocate little, and leave little behind, and every exchange must end.
 *
 * <p>System properties: {@code mop.fuzz.inputs}, 1,000,000 if absent, and {@code mop.fuzz.seed}. A failure names the
 * seed and prints the connection so far as a {@link Conversation}, which may become a fixture.
 */
public final class DecoderFuzz {
  private static final int CONNECTIONS = 64;
  private static final int AGAIN = 1000;
  private static final int COLLECTIONS = 5;
  private static final long MOST_ALLOCATED = 8 << 20;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Supplier<Protocol> protocol;
  private final List<Conversation> fixtures;
  private final int inputs = Integer.getInteger("mop.fuzz.inputs", 1_000_000);
  private final long seed = Long.getLong("mop.fuzz.seed", 1L);
  private final SplittableRandom random = new SplittableRandom(seed);
  private int mostRetained = 16 << 10;

  /**
   * @param inputs that were played, each a mutated conversation
   * @param exchanges that the decoder saw
   * @param completed of these, how many became spans all the same
   * @param retained bytes that a decoder held at the end: the larger mean of those of mutated connections, and of those
   *     on which one fixture was played 1000 times
   */
  public record Outcome(int inputs, long exchanges, long completed, long retained) {}

  /** One connection at a time, and what passed on it. */
  private static final class Slot {
    final WatchedProtocol watched;
    final TestConnection connection;
    final List<Piece> passed = new ArrayList<>();

    Slot(Protocol protocol, boolean server) {
      watched = new WatchedProtocol(protocol);
      connection = server ? TestConnection.atServer(watched) : TestConnection.atClient(watched);
    }

    void play(Piece p) {
      passed.add(p);
      if (p.ends()) connection.serverCloses();
      else if (p.bytes().length == 0) return;
      else if (p.captured() == Piece.LOST) connection.lose(p.request(), p.bytes().length);
      else connection.data(p.request(), p.bytes(), p.captured());
    }

    void connect() {
      connection.close().connect();
      passed.clear();
    }
  }

  /** @param protocol makes the protocol under test; called for every one of some connections */
  public DecoderFuzz(Supplier<Protocol> protocol, List<Conversation> fixtures) {
    if (fixtures.isEmpty()) throw new IllegalArgumentException("there must be a fixture");
    this.protocol = protocol;
    this.fixtures = List.copyOf(fixtures);
  }

  /** How much a decoder may hold of its own, in bytes and in the mean; 16 KiB if not said. */
  public DecoderFuzz mostRetained(int bytes) {
    mostRetained = bytes;
    return this;
  }

  /** @throws AssertionError if the decoder did what it must not */
  public Outcome run() {
    System.out.println("fuzzing with -Dmop.fuzz.inputs=" + inputs + " -Dmop.fuzz.seed=" + seed);
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) slots.add(new Slot(protocol.get(), i % 2 == 0));
    Mutator mutator = new Mutator(fixtures, random);
    for (int i = 0; i < inputs; i++) {
      int n = random.nextInt(CONNECTIONS);
      input(slots.get(n), i, mutator.next());
      if (slots.get(n).watched.left() || random.nextInt(1 + n / 2) == 0) slots.get(n).connect();
    }
    long exchanges = 0;
    long completed = 0;
    for (Slot slot : slots) {
      ended(slot);
      exchanges += slot.connection.count(Counters.EXCHANGES);
      completed += slot.connection.count(Counters.EXCHANGES_COMPLETED);
    }
    if (completed * 100 < inputs) throw new AssertionError("only " + completed + " exchanges in " + inputs + " inputs");
    return new Outcome(inputs, exchanges, completed, Math.max(retained(slots), retained(again())));
  }

  private void input(Slot slot, int number, List<Piece> pieces) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    for (Piece p : pieces) slot.play(p);
    if (random.nextInt(8) == 0) slot.connection.later(2_000_000_000L);
    if (random.nextInt(8) == 0) slot.connection.drain();
    slot.connection.forgetSpans();
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    if (allocated > MOST_ALLOCATED) throw failure(slot, number, "allocated " + allocated + " bytes", null);
    slot.watched.fault().ifPresent(t -> {
      throw failure(slot, number, "threw " + t, t);
    });
  }

  private AssertionError failure(Slot slot, int number, String what, Throwable cause) {
    StringBuilder conversation = new StringBuilder();
    slot.passed.forEach(conversation::append);
    return new AssertionError(
        "seed " + seed + ", input " + number + ": the decoder " + what + " in\n" + conversation, cause);
  }

  private void ended(Slot slot) {
    slot.connection.close().check();
    for (String gauge : List.of(Counters.EXCHANGES_IN_FLIGHT, Counters.STREAM_BYTES)) {
      long left = slot.connection.count(gauge);
      if (left != 0) throw new AssertionError("seed " + seed + ": " + gauge + " is " + left + " after the last close");
    }
  }

  /** Fixtures as they are, again and again on one connection, as on one that lives for days. */
  private List<Slot> again() {
    List<Slot> slots = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      Slot slot = new Slot(protocol.get(), i % 2 == 0);
      List<Piece> pieces = Mutator.pieces(fixtures.get(i / 2 % fixtures.size()));
      for (int n = 0; n < AGAIN && !slot.watched.left(); n++) {
        slot.passed.clear();
        for (Piece p : pieces) if (!p.ends()) slot.play(p);
        slot.connection.forgetSpans();
      }
      slot.watched.fault().ifPresent(t -> {
        throw failure(slot, AGAIN, "threw " + t, t);
      });
      ended(slot);
      slots.add(slot);
    }
    return slots;
  }

  /** What the connections' decoders hold themselves, in the mean. */
  private long retained(List<Slot> slots) {
    List<Decoder> decoders = new ArrayList<>();
    for (Slot slot : slots) slot.watched.detach().ifPresent(decoders::add);
    int n = Math.max(1, decoders.size());
    long with = used();
    decoders.clear();
    long retained = (with - used()) / n;
    if (retained <= mostRetained) return Math.max(0, retained);
    throw new AssertionError("seed " + seed + ": a decoder holds " + retained + " bytes, more than " + mostRetained);
  }

  /** A collector may leave some dead objects where they are; not in several rounds. */
  private static long used() {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < COLLECTIONS; round++) {
      System.gc();
      least = Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
    }
    return least;
  }
}
