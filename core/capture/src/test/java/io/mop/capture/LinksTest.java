package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.capture.Collected.Span;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which span is whose parent. */
class LinksTest {
  private static final long SECOND = 1_000_000_000;
  private static final int OTHER = 300;

  private final Collected sink = new Collected();
  private final Capture capture = capture(sink);

  static Capture capture(SpanSink sink) {
    Capture c = new Capture(sink, Limits.standard(), t -> t, new Machine());
    c.protocols(List.of(new NamedProtocol("calls", new Calls())));
    return c;
  }

  private static final class Machine implements Processes {
    private final Map<Integer, Resource> resources = new HashMap<>();

    @Override
    public Resource resource(int tgid) {
      return resources.computeIfAbsent(tgid, t -> new Resource(t, 1, Map.of()));
    }

    @Override
    public boolean listens(int tgid, int port) {
      return port == Wire.SERVER_PORT;
    }

    @Override
    public Optional<Set<Integer>> listening(int tgid) {
      return Optional.of(Set.of());
    }

    @Override
    public int tgid(int tid) {
      return tid;
    }
  }

  private Span span(int kind, String path) {
    List<Span> found = sink.spans.stream().filter(s -> s.kind() == kind && s.get("url.path").equals(path)).toList();
    assertThat(found).as("kind %s of %s", kind, path).hasSize(1);
    return found.get(0);
  }

  private Span client(String path) {
    return span(SpanSink.CLIENT, path);
  }

  private Span server(String path) {
    return span(SpanSink.SERVER, path);
  }

  private static void child(Span child, Span parent) {
    assertThat(child.parent()).isEqualTo(parent.id());
    sameTrace(child, parent);
  }

  private static void sameTrace(Span a, Span b) {
    assertThat(a.traceHigh()).isEqualTo(b.traceHigh());
    assertThat(a.traceLow()).isEqualTo(b.traceLow());
  }

  private static void alone(Span span) {
    assertThat(span.parent()).isZero();
    assertThat(span.attributes()).doesNotContainKey("mop.link");
  }

  private long count(String counter) {
    return capture.counters().get(counter);
  }

  @Test
  void theServersParentIsTheClient() {
    Both both = new Both(capture, 40_000).exchange("/a").exchange("/b");
    new Both(capture, 40_001).exchange("/c");
    both.exchange("/d");
    for (String path : List.of("/a", "/b", "/c", "/d")) {
      child(server(path), client(path));
      alone(client(path));
    }
    assertThat(sink.spans.stream().map(Span::traceLow).distinct()).as("traces").hasSize(4);
    assertThat(count(Counters.SPANS_JOINED)).isEqualTo(4);
  }

  @Test
  void theClientsRecordMayComeLast() {
    Both both = new Both(capture, 40_000).exchange("/a");
    both.server.recv(Both.message("/b")).send("R\n");
    assertThat(sink.spans).as("the server's span waits").hasSize(2);
    capture.drained(both.server.now);
    assertThat(sink.spans).hasSize(2);
    both.client.send(Both.message("/b")).recv("R\n");
    capture.drained(both.server.now);
    child(server("/b"), client("/b"));
    assertThat(count(Counters.SPANS_UNJOINED)).isZero();
  }

  @Test
  void aClientThatWasNeverSeenMayComeToo() {
    Wire server = new Wire(1, capture).open(1, Wire.SERVER_PORT, 1, 40_000);
    Wire client = new Wire(2, capture);
    client.tx = server.rx;
    client.rx = server.tx;
    server.recv(Both.message("/a")).send("R\n");
    capture.drained(server.now);
    client.open(1, 40_000, 1, Wire.SERVER_PORT).send(Both.message("/a")).recv("R\n");
    capture.drained(server.now);
    child(server("/a"), client("/a"));
  }

  @Test
  void aServerAloneWaitsOnlyAtTheStartOfItsConnections() {
    Wire server = new Wire(1, capture).open(1, Wire.SERVER_PORT, 1, 40_000);
    server.recv(Both.message("/a")).send("R\n");
    capture.drained(server.now);
    assertThat(sink.spans).isEmpty();
    server.later(SECOND).recv(Both.message("/b")).send("R\n");
    alone(server("/b"));
    capture.drained(server.now);
    alone(server("/a"));
    new Wire(2, capture).open(1, Wire.SERVER_PORT, 2, 40_000).recv(Both.message("/c")).send("R\n");
    alone(server("/c"));
    assertThat(count(Counters.SPANS_UNJOINED)).isZero();
  }

  @Test
  void systemCallsMayBeCutAnywhereAtEachEnd() {
    String requests = Both.message("/a") + Both.message("/b") + Both.message("/c");
    for (int i = 1; i < requests.length(); i++) {
      for (int k = 1; k < requests.length(); k++) {
        sink.spans.clear();
        Both both = new Both(capture, 40_000);
        both.client.send(requests.substring(0, i)).send(requests.substring(i));
        both.server.recv(requests.substring(0, k)).recv(requests.substring(k));
        both.answer().answer().answer();
        for (String path : List.of("/a", "/b", "/c")) child(server(path), client(path));
        both.client.close();
        both.server.close();
      }
    }
    assertThat(count(Counters.SPANS_UNJOINED)).isZero();
  }

  @Test
  void theEndOfTheClientsDataIsNoPartOfIt() {
    Both both = new Both(capture, 40_000).exchange("/a");
    both.client.send(Both.message("/b"));
    both.server.rx++; // the FIN, read with the last data
    both.server.recv(Both.message("/b"));
    both.answer();
    child(server("/b"), client("/b"));
  }

  @Test
  void aLossAtOneEndLinksNothingWrong() {
    Both both = new Both(capture, 40_000).exchange("/a");
    both.client.lose(Record.SEND, Both.message("/b").length());
    both.server.recv(Both.message("/b"));
    both.answer();
    assertThat(sink.spans).as("its record may be under way").hasSize(2);
    both.exchange("/c").exchange("/d");
    capture.drained(both.server.now);
    alone(server("/b"));
    assertThat(count(Counters.SPANS_UNJOINED)).isPositive();
    child(server("/d"), client("/d"));
  }

  @Test
  void aRequestThatIsNeverSeenIsNotWaitedForLong() {
    Both both = new Both(capture, 40_000).exchange("/a");
    both.server.recv(Both.message("/b")).send("R\n");
    capture.drained(both.server.now + SECOND / 2);
    assertThat(sink.spans).hasSize(2);
    capture.drained(both.server.now + 2 * SECOND);
    alone(server("/b"));
    both.server.recv(Both.message("/c")).send("R\n");
    capture.close();
    alone(server("/c"));
  }

  @Test
  void requestsThatNobodyAnswersForLongAreForgotten() {
    Both both = new Both(capture, 40_000);
    both.client.send(Both.message("/first"));
    Both other = new Both(capture, 40_001);
    for (int i = 0; i < 40_000; i++) other.client.send(Both.message("/" + i)).recv("R\n");
    both.server.recv(Both.message("/first"));
    both.answer();
    alone(server("/first"));
    both.exchange("/next");
    child(server("/next"), client("/next"));
  }

  @Test
  void aTraceContextOnTheWireGivesTheTrace() {
    Both both = new Both(capture, 40_000);
    both.client.send(Both.message("/a", 7, 70));
    both.server.recv(Both.message("/a", 7, 70));
    both.answer();
    assertThat(client("/a").traceLow()).isEqualTo(7);
    assertThat(client("/a").parent()).isEqualTo(70);
    child(server("/a"), client("/a"));
  }

  @Test
  void aClientWithoutSpansIsNoParent() {
    capture.suppressOwnSdk();
    Both both = new Both(capture, 40_000);
    both.client.send(Both.message("/a", 7, 70));
    both.server.recv(Both.message("/a", 7, 70));
    both.answer().exchange("/b");
    assertThat(sink.spans).extracting(Span::kind).containsExactly(SpanSink.SERVER, SpanSink.SERVER);
    assertThat(server("/a").traceLow()).isEqualTo(7);
    assertThat(server("/a").parent()).isEqualTo(70);
    alone(server("/b"));
  }

  @Test
  void unixSocketsHaveNoPositions() {
    Wire client = new Wire(1, capture);
    client.positions = false;
    client.openUnix().send(Both.message("/a"));
    Wire server = new Wire(2, capture);
    server.positions = false;
    server.openUnix().recv(Both.message("/a")).send("R\n");
    client.recv("R\n");
    assertThat(sink.spans).hasSize(2).allSatisfy(LinksTest::alone);
  }

  @Test
  void aCallOfTheThreadThatReadTheRequestIsItsChild() {
    Both in = new Both(capture, 40_000);
    Both out = new Both(capture, Both.SERVER, 50_000, OTHER);
    in.server.tgid = out.client.tgid = 201;
    in.request("/in");
    out.exchange("/out");
    in.answer();
    out.exchange("/after");
    child(server("/in"), client("/in"));
    child(client("/out"), server("/in"));
    child(server("/out"), client("/out"));
    alone(client("/after"));
  }

  @Test
  void otherThreadsAndOtherProcessesAreNotMeant() {
    Both in = new Both(capture, 40_000);
    Both same = new Both(capture, Both.SERVER, 50_000, OTHER);
    Both foreign = new Both(capture, OTHER, 50_001, OTHER);
    in.server.tgid = foreign.client.tgid = 201;
    same.client.tgid = 202;
    in.request("/in");
    same.exchange("/otherThread");
    foreign.exchange("/otherProcess");
    alone(client("/otherThread"));
    alone(client("/otherProcess"));
  }

  @Test
  void whereSeveralAreOpenItIsNotKnown() {
    Both one = new Both(capture, 40_000);
    Both two = new Both(capture, 40_001);
    Both out = new Both(capture, Both.SERVER, 50_000, OTHER);
    one.server.tgid = two.server.tgid = out.client.tgid = 201;
    one.request("/one");
    two.request("/two");
    out.exchange("/unsure");
    one.answer();
    out.exchange("/sure");
    assertThat(client("/unsure").parent()).isZero();
    assertThat(client("/unsure").get("mop.link")).isEqualTo("ambiguous");
    child(server("/unsure"), client("/unsure"));
    two.answer();
    child(client("/sure"), server("/two"));
    assertThat(count(Counters.SPANS_AMBIGUOUS)).isEqualTo(1);
  }

  @Test
  void whatIsGivenUpIsNotOpenAnyMore() {
    Both in = new Both(capture, 40_000);
    Both out = new Both(capture, Both.SERVER, 50_000, OTHER);
    in.server.tgid = out.client.tgid = 201;
    in.request("/in");
    in.server.close();
    out.exchange("/out");
    alone(client("/out"));
  }

  @Test
  void theTraceOfAProxyIsThatOfItsRequest() {
    Both in = new Both(capture, 40_000);
    Both out = new Both(capture, Both.SERVER, 50_000, OTHER);
    in.server.tgid = out.client.tgid = 201;
    in.client.send(Both.message("/in", 7, 70));
    in.server.recv(Both.message("/in", 7, 70));
    out.client.send(Both.message("/out", 7, 70));
    out.server.recv(Both.message("/out", 7, 70));
    out.answer();
    in.answer();
    assertThat(client("/in").parent()).isEqualTo(70);
    child(server("/in"), client("/in"));
    child(client("/out"), server("/in"));
    child(server("/out"), client("/out"));
  }

  @Test
  void aHeaderOfAnotherTraceCountsMoreThanTheThread() {
    Both in = new Both(capture, 40_000);
    Both out = new Both(capture, Both.SERVER, 50_000, OTHER);
    in.server.tgid = out.client.tgid = 201;
    in.request("/in");
    out.client.send(Both.message("/out", 8, 80)).recv("R\n");
    in.answer();
    assertThat(client("/out").traceLow()).isEqualTo(8);
    assertThat(client("/out").parent()).isEqualTo(80);
  }

  /** What the request caused has spans before the client's record comes: the client takes their trace. */
  @Test
  void aLateClientJoinsTheTraceThatIsOut() {
    Both in = new Both(capture, 40_000).exchange("/before");
    Both out = new Both(capture, Both.SERVER, 50_000, OTHER);
    in.server.tgid = out.client.tgid = 201;
    in.server.recv(Both.message("/in"));
    out.exchange("/out");
    in.client.send(Both.message("/in"));
    in.answer();
    child(server("/in"), client("/in"));
    child(client("/out"), server("/in"));
    sameTrace(client("/in"), server("/out"));
  }
}
