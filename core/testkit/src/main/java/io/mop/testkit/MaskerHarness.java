package io.mop.testkit;

import io.mop.api.capture.Protocol;
import io.mop.capture.Record;
import io.mop.capture.Recording;
import io.mop.testkit.Conversation.Part;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Records a {@link Conversation}, as {@code mop record} does, with a protocol's masker, at the server's side and at the
 * client's: as it is, cut into pieces, with bytes that were not captured, and with records lost. No value may be in a
 * recording, and the masked conversation must give the same spans as the unmasked one.
 */
public final class MaskerHarness {
  /** Of each kind of disturbance; in a longer conversation the places are spread evenly. */
  private static final int MOST = 32;

  private final Supplier<Protocol> protocol;
  private final List<String> values;
  private final Set<String> differing;

  /**
   * @param protocol makes the protocol under test; called for every run
   * @param values texts that must be in no recording
   * @param differing attributes whose values are masked, too
   */
  public MaskerHarness(Supplier<Protocol> protocol, List<String> values, Set<String> differing) {
    this.protocol = protocol;
    this.values = List.copyOf(values);
    this.differing = Set.copyOf(differing);
  }

  /**
   * What is left of what the client and of what the server sent, in this order; each char is one byte (ISO 8859-1).
   *
   * @throws AssertionError if a value is left, something that is no value was not told, or the spans differ
   */
  public List<String> check(Conversation c) {
    List<String> left = whole(TestConnection::atServer, c);
    if (!left.equals(whole(TestConnection::atClient, c))) throw new AssertionError("the sides differ");
    for (Function<Protocol, TestConnection> side : List.<Function<Protocol, TestConnection>>of(
        TestConnection::atServer, TestConnection::atClient)) {
      boolean server = side.apply(protocol.get()).observesServer();
      same("byte by byte", left, left(server, record(side, false, c::playBytes)));
      places(c.length()).forEach(
          at -> same("cut at byte " + at, left, left(server, record(side, false, to -> c.playSplit(to, at)))));
      places(c.length()).forEach(
          at -> clean("not captured from byte " + at, left(server, record(side, false, to -> cut(c, to, at)))));
      places(c.parts().size()).forEach(
          n -> clean("without part " + n, left(server, record(side, false, to -> lose(c, to, n)))));
    }
    return left;
  }

  private List<String> whole(Function<Protocol, TestConnection> side, Conversation c) {
    boolean server = side.apply(protocol.get()).observesServer();
    Recording raw = record(side, true, c::play);
    Recording masked = record(side, false, c::play);
    List<String> all = left(server, raw);
    List<String> left = left(server, masked);
    clean("as it is", left);
    for (int i = 0; i < 2; i++) {
      if (all.get(i).length() != left.get(i).length()) {
        throw new AssertionError("not told of all, but of:\n" + left.get(i) + "\nof:\n" + all.get(i));
      }
    }
    List<TestSpan> spans = withoutDiffering(new Player(raw, protocol.get()).play(raw.records()));
    List<TestSpan> maskedSpans = withoutDiffering(new Player(masked, protocol.get()).play(masked.records()));
    if (!spans.equals(maskedSpans)) {
      throw new AssertionError("masked, the spans are:\n" + maskedSpans + "\ninstead of:\n" + spans);
    }
    return left;
  }

  private List<TestSpan> withoutDiffering(List<TestSpan> spans) {
    return spans.stream().map(s -> {
      Map<String, Object> kept = new LinkedHashMap<>(s.attributes());
      kept.replaceAll((k, v) -> differing.contains(k) ? "masked" : v);
      return s.attributes(kept);
    }).toList();
  }

  private Recording record(Function<Protocol, TestConnection> side, boolean raw, Consumer<TestConnection> play) {
    try {
      Path directory = Files.createTempDirectory("mop-masker-");
      Path file = directory.resolve("recording");
      try {
        TestConnection to = side.apply(protocol.get()).record(file, raw);
        play.accept(to);
        to.stop();
        return Recording.read(file);
      } finally {
        Files.deleteIfExists(file);
        Files.delete(directory);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void cut(Conversation c, TestConnection to, int at) {
    int before = 0;
    for (Part p : c.parts()) {
      int inside = at - before;
      before += p.bytes().length();
      if (p.ends() || inside < 0 || inside >= p.bytes().length()) Conversation.send(to, p, p.bytes());
      else to.data(p.request(), TestConnection.bytes(p.bytes()), inside);
    }
    to.close();
  }

  private static void lose(Conversation c, TestConnection to, int n) {
    for (int i = 0; i < c.parts().size(); i++) {
      Part p = c.parts().get(i);
      if (i != n || p.ends()) Conversation.send(to, p, p.bytes());
      else to.lose(p.request(), p.bytes().length());
    }
    to.close();
  }

  private static IntStream places(int n) {
    return n <= MOST ? IntStream.range(0, n) : IntStream.range(0, MOST).map(i -> (int) ((long) i * n / MOST));
  }

  /** Of the client, of the server. */
  private static List<String> left(boolean server, Recording recording) {
    StringBuilder request = new StringBuilder();
    StringBuilder response = new StringBuilder();
    for (Record r : recording.records()) {
      if (r.kind() != Record.DATA && r.kind() != Record.CONT) continue;
      byte[] bytes = new byte[r.cap()];
      r.payload(0, bytes, 0, bytes.length);
      boolean ofClient = server == (r.dir() == Record.RECV);
      (ofClient ? request : response).append(new String(bytes, StandardCharsets.ISO_8859_1));
    }
    return List.of(request.toString(), response.toString());
  }

  private void clean(String how, List<String> left) {
    for (String value : values) {
      if (String.join("\n", left).contains(value)) throw new AssertionError(how + ": " + value + " is left in " + left);
    }
  }

  private void same(String how, List<String> expected, List<String> left) {
    clean(how, left);
    if (!left.equals(expected)) throw new AssertionError(how + ": left is\n" + left + "\ninstead of\n" + expected);
  }
}
