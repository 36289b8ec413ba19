package io.mop.testkit;

import io.mop.api.capture.Protocol;
import io.mop.capture.Counters;
import io.mop.testkit.Conversation.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Plays a {@link Conversation} to a protocol's decoder as networks, kernels and full buffers would, at the server's
 * side and at the client's: cut into pieces at every byte, ended after every byte, with bytes not captured, records
 * lost, and responses recorded before their requests. Whatever happens, the decoder must not throw and every span must
 * be one of those of the undisturbed conversation: losing one is allowed, inventing one or pairing two messages wrongly
 * is not. So give every exchange of the conversation something that tells it apart, on both its sides.
 */
public final class ProtocolHarness {
  private final Supplier<Protocol> protocol;

  /** @param protocol makes the protocol under test; called for every run */
  public ProtocolHarness(Supplier<Protocol> protocol) {
    this.protocol = protocol;
  }

  /**
   * All that this class does; the spans of the conversation as it is, seen at the server.
   *
   * @throws AssertionError if one of the methods below does
   */
  public List<TestSpan> everyWay(Conversation conversation) {
    split(conversation);
    ended(conversation);
    cut(conversation);
    lost(conversation);
    late(conversation);
    return whole(conversation);
  }

  /**
   * The conversation as it is, seen at the server.
   *
   * @throws AssertionError if the decoder lost its way, or left a request or a response over
   */
  public List<TestSpan> whole(Conversation conversation) {
    return undisturbed("undisturbed", TestConnection::atServer, conversation::play);
  }

  /** Cut into two at every byte, and into single bytes: the spans are those of the whole. */
  public void split(Conversation conversation) {
    for (var side : sides()) {
      List<TestSpan> whole = withoutTimes(undisturbed("undisturbed", side, conversation::play));
      for (int i = 1; i < conversation.length(); i++) {
        int cut = i;
        same("cut at byte " + i, whole, undisturbed("cut at byte " + i, side, c -> conversation.playSplit(c, cut)));
      }
      same("byte by byte", whole, undisturbed("byte by byte", side, conversation::playBytes));
    }
  }

  /** The connection is closed after every byte: the spans are some of those of the whole. */
  public void ended(Conversation conversation) {
    some(conversation, "closed after byte ", conversation.length(), (c, n) -> {
      int left = n;
      for (Part p : conversation.parts()) {
        if (left <= 0) break;
        Conversation.send(c, p, p.bytes().substring(0, Math.min(left, p.bytes().length())));
        left -= p.bytes().length();
      }
    });
  }

  /** Of one part only the bytes before a position are captured: the spans are some of those of the whole. */
  public void cut(Conversation conversation) {
    some(conversation, "not captured from byte ", conversation.length(), (c, n) -> {
      int at = 0;
      for (Part p : conversation.parts()) {
        int inside = n - at;
        at += p.bytes().length();
        if (p.ends() || inside < 0 || inside >= p.bytes().length()) Conversation.send(c, p, p.bytes());
        else c.data(p.request(), TestConnection.bytes(p.bytes()), inside);
      }
    });
  }

  /** The record of one part is lost, of every one in turn: the spans are some of those of the whole. */
  public void lost(Conversation conversation) {
    some(conversation, "without part ", conversation.parts().size(), (c, n) -> {
      for (int i = 0; i < conversation.parts().size(); i++) {
        Part p = conversation.parts().get(i);
        if (i != n || p.ends()) Conversation.send(c, p, p.bytes());
        else c.lose(p.request(), p.bytes().length());
      }
    });
  }

  /**
   * A client's request is recorded after what the server sent next, of every one in turn but the first: the spans are
   * some of those of the whole.
   */
  public void late(Conversation conversation) {
    List<Part> parts = conversation.parts();
    List<TestSpan> whole = undisturbed("undisturbed", TestConnection::atClient, conversation::play);
    for (int i = 1; i + 1 < parts.size(); i++) {
      if (!parts.get(i).request() || parts.get(i + 1).request() || parts.get(i + 1).ends()) continue;
      TestConnection c = TestConnection.atClient(protocol.get());
      for (int j = 0; j < parts.size(); j++) {
        Part next = j == i ? parts.get(++j) : parts.get(j);
        if (j == i + 1) c.lateRequest(parts.get(i).bytes(), () -> Conversation.send(c, next, next.bytes()));
        else Conversation.send(c, next, next.bytes());
      }
      subset("part " + i + " recorded after the next one", whole, c.close().check().spans());
    }
  }

  private static List<Function<Protocol, TestConnection>> sides() {
    return List.of(TestConnection::atServer, TestConnection::atClient);
  }

  private List<TestSpan> undisturbed(
      String how, Function<Protocol, TestConnection> side, Consumer<TestConnection> play) {
    TestConnection c = side.apply(protocol.get());
    play.accept(c);
    c.check();
    for (String counter : List.of(Counters.RESYNCS, Counters.RESPONSES_UNMATCHED, Counters.EXCHANGES_INCOMPLETE)) {
      if (c.count(counter) > 0) {
        throw new AssertionError(how + ": " + counter + " of the core is " + c.count(counter)
            + "; spans: " + c.spans());
      }
    }
    return c.spans();
  }

  private interface Disturbed {
    void play(TestConnection to, int n);
  }

  private void some(Conversation conversation, String how, int times, Disturbed play) {
    for (var side : sides()) {
      List<TestSpan> whole = undisturbed("undisturbed", side, conversation::play);
      for (int n = 0; n < times; n++) {
        TestConnection c = side.apply(protocol.get());
        play.play(c, n);
        subset(how + n, whole, c.close().check().spans());
      }
    }
  }

  private static void same(String how, List<TestSpan> expected, List<TestSpan> spans) {
    if (!withoutTimes(spans).equals(expected)) {
      throw new AssertionError(how + "\n  expected: " + expected + "\n  but were: " + withoutTimes(spans));
    }
  }

  private static void subset(String how, List<TestSpan> whole, List<TestSpan> spans) {
    List<TestSpan> left = new ArrayList<>(withoutTimes(whole));
    for (TestSpan span : withoutTimes(spans)) {
      if (!left.remove(span)) {
        throw new AssertionError(how + "\n  expected some of: " + withoutTimes(whole) + "\n  but there is: " + span);
      }
    }
  }

  private static List<TestSpan> withoutTimes(List<TestSpan> spans) {
    return spans.stream().map(s -> s.times(0, 0)).toList();
  }
}
