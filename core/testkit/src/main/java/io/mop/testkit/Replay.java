package io.mop.testkit;

import io.mop.api.capture.Protocol;
import io.mop.capture.Record;
import io.mop.capture.Recording;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/** One way in which a {@link ReplayTest} plays its recording. */
public final class Replay {
  /** Plays of one way; of a longer recording the places are spread evenly. */
  private static final int MOST = 512;

  /** What happens to the recording on its way. */
  public enum Way {
    /** Nothing: the spans are the expected ones, with their times. */
    WHOLE,
    /** System calls come in two pieces, cut at every byte, and in single bytes: the spans are the same. */
    SPLIT,
    /** One connection after the other, the first one first and last: the spans are the same. */
    REORDERED,
    /** It ends at every record, and within it: there is no other span than expected. */
    TRUNCATED,
    /**
     * Each record is left out: likewise; a span may tell less. Not the first one with bytes of a connection: without it
     * the rest is a connection that was open before capture began, of which nobody can tell what was under way.
     */
    GAPPED
  }

  private final Recording recording;
  private final GoldenFile golden;
  private final Way way;
  private boolean played;

  Replay(Recording recording, GoldenFile golden, Way way) {
    this.recording = recording;
    this.golden = golden;
    this.way = way;
  }

  /** The way of this call of the test. */
  public Way way() {
    return way;
  }

  boolean played() {
    return played;
  }

  /**
   * The spans of a recording that is in no test's resources, with times in nanoseconds since it began.
   *
   * @throws IOException if it cannot be read
   */
  public static List<TestSpan> spans(Path recording, Supplier<Protocol> protocol) throws IOException {
    Recording read = Recording.read(recording);
    return sorted(new Player(read, protocol.get()).play(read.records()));
  }

  /**
   * Plays the recording to the protocol at the side where it was made, through the capture core that MOP runs.
   *
   * @param protocol makes the protocol under test; called for every play
   * @throws AssertionError if the spans are not those that this way allows, the decoder threw, or an exchange is not
   *     accounted for
   */
  public void with(Supplier<Protocol> protocol) {
    played = true;
    if (way == Way.WHOLE && GoldenFile.writes()) golden.write(sorted(play(protocol, recording.records())));
    List<TestSpan> expected = sorted(golden.read());
    switch (way) {
      case WHOLE -> same("as it is", expected, play(protocol, recording.records()));
      case SPLIT -> split(protocol, expected);
      case REORDERED -> reordered(protocol, expected);
      case TRUNCATED -> truncated(protocol, expected);
      case GAPPED -> gapped(protocol, expected);
      default -> throw new IllegalStateException(way.toString());
    }
  }

  private List<TestSpan> play(Supplier<Protocol> protocol, List<Record> records) {
    return new Player(recording, protocol.get()).play(records);
  }

  private void split(Supplier<Protocol> protocol, List<TestSpan> expected) {
    List<Record> records = recording.records();
    Pieces pieces = new Pieces(records);
    same("byte by byte", expected, play(protocol, pieces.single()));
    places(pieces.bytes()).forEach(
        at -> same("cut at byte " + at, expected, play(protocol, pieces.cutAt(at))));
  }

  private void reordered(Supplier<Protocol> protocol, List<TestSpan> expected) {
    List<Record> forwards = new ArrayList<>();
    List<Record> backwards = new ArrayList<>();
    for (Recording.Connection c : recording.connections()) {
      forwards.addAll(c.records());
      backwards.addAll(0, c.records());
    }
    same("one connection after the other", expected, play(protocol, forwards));
    same("the last connection first", expected, play(protocol, backwards));
  }

  private void truncated(Supplier<Protocol> protocol, List<TestSpan> expected) {
    List<Record> records = recording.records();
    places(records.size()).forEach(
        n -> some("ended after record " + n, expected, play(protocol, records.subList(0, n))));
    Pieces pieces = new Pieces(records);
    places(pieces.bytes()).forEach(
        at -> some("ended after byte " + at, expected, play(protocol, pieces.endedAt(at))));
  }

  private void gapped(Supplier<Protocol> protocol, List<TestSpan> expected) {
    List<Record> records = recording.records();
    places(records.size()).forEach(n -> {
      List<Record> others = new ArrayList<>(records);
      others.remove(n);
      some("without record " + n, expected, play(protocol, others));
    });
  }

  /** 0 to {@code n - 1}, or some of them. */
  private static IntStream places(int n) {
    return n <= MOST ? IntStream.range(0, n) : IntStream.range(0, MOST).map(i -> (int) ((long) i * n / MOST));
  }

  private static List<TestSpan> sorted(List<TestSpan> spans) {
    return spans.stream()
        .sorted(Comparator.comparingLong(TestSpan::start).thenComparingLong(TestSpan::end)
            .thenComparing(s -> s.name() + s.attributes()))
        .toList();
  }

  private static void same(String how, List<TestSpan> expected, List<TestSpan> spans) {
    List<TestSpan> left = new ArrayList<>(expected);
    for (TestSpan span : spans) {
      if (!left.remove(span)) throw new AssertionError(how + ": unexpected " + span + "\n  expected: " + expected);
    }
    if (!left.isEmpty()) throw new AssertionError(how + ": missing " + left + "\n  of: " + spans);
  }

  /** Each of the spans is one of the expected, or tells a part of what one does. */
  private static void some(String how, List<TestSpan> expected, List<TestSpan> spans) {
    List<TestSpan> left = new ArrayList<>(expected);
    for (TestSpan span : spans) {
      TestSpan whole = left.stream()
          .filter(e -> tells(e, span))
          .findFirst()
          .orElseThrow(() -> new AssertionError(how + ": unexpected " + span + "\n  expected some of: " + expected));
      left.remove(whole);
    }
  }

  private static boolean tells(TestSpan whole, TestSpan span) {
    boolean named = whole.name().equals(span.name()) || whole.name().startsWith(span.name() + " ")
        || span.name().equals(Player.PROTOCOL);
    return named && whole.kind() == span.kind() && whole.status() == span.status()
        && whole.attributes().entrySet().containsAll(span.attributes().entrySet());
  }
}
