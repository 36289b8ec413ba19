package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Connections that no decoder reads. */
class EdgesTest {
  private static final long INTERVAL = Edges.INTERVAL;
  private static final byte[] CLIENT_HELLO =
      RecognitionTest.bytes("\\16\\03\\01\\02\\00\\01\\00\\01\\fc\\03\\03" + "r".repeat(40));
  private static final byte[] PREFACE = Wire.bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

  private final Setup s = Setup.withEdges();
  private final Wire w = new Wire(7, s.capture);

  private Collected.Span edge() {
    assertThat(s.sink.spans).hasSize(1);
    return s.sink.spans.get(0);
  }

  private static byte[] closing(int rttMicros) {
    return ByteBuffer.allocate(Record.CLOSE_LENGTH).order(ByteOrder.nativeOrder()).putInt(rttMicros).array();
  }

  @Test
  void aConnectionWithoutADecoderIsAnEdgeAtItsEnd() {
    w.openServer().recv(CLIENT_HELLO).send(new byte[3000], 100).later(5_000_000);
    w.put(Record.CLOSE, 0, 0, closing(1234), Record.CLOSE_LENGTH, 0);
    assertThat(edge()).satisfies(span -> {
      assertThat(span.name()).isEqualTo("tls");
      assertThat(span.kind()).isEqualTo(SpanSink.SERVER);
      assertThat(span.start()).isEqualTo(1_000_000_000_000L + 1_001_000);
      assertThat(span.end() - span.start()).isEqualTo(5_003_000);
      assertThat(span.parent()).isZero();
      assertThat(span.process().attributes()).containsEntry("service.name", "one");
      assertThat(span.attributes())
          .isEqualTo(
              Map.ofEntries(
                  Map.entry("network.transport", "tcp"), Map.entry("network.type", "ipv4"),
                  Map.entry("network.local.address", "10.0.0.1"), Map.entry("network.local.port", 8080L),
                  Map.entry("network.peer.address", "10.0.0.2"), Map.entry("network.peer.port", 40_000L),
                  Map.entry("server.address", "10.0.0.1"), Map.entry("server.port", 8080L),
                  Map.entry("mop.connection.reason", "TLS: not readable without a TLS probe"),
                  Map.entry("mop.connection.bytes_received", 51L), Map.entry("mop.connection.bytes_sent", 3000L),
                  Map.entry("mop.connection.rtt_us", 1234L)));
    });
    assertThat(s.capture.counters().get(Counters.EDGES, "tls")).isEqualTo(1);
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void withoutTheNumbersOfTheKernelAnEdgeHasNoRoundTrip() {
    w.openServer().recv(CLIENT_HELLO).close();
    assertThat(edge().attributes()).doesNotContainKey("mop.connection.rtt_us");
  }

  @Test
  void theTlsOfAGoProgramIsNamed() {
    Setup go = Setup.withEdges(process -> process.tgid() == 4711);
    new Wire(1, go.capture).openClient().send(CLIENT_HELLO).close();
    assertThat(go.sink.spans).singleElement().satisfies(span -> {
      assertThat(span.get("mop.connection.reason")).isEqualTo("TLS by Go crypto/tls: not readable");
      assertThat(span.kind()).isEqualTo(SpanSink.CLIENT);
      assertThat(span.get("server.port")).isEqualTo(8080L);
    });
  }

  @Test
  void aProtocolWithoutADecoderIsNamed() {
    w.openClient().send(PREFACE).close();
    assertThat(edge().name()).isEqualTo("http2");
    assertThat(edge().get("network.protocol.name")).isEqualTo("http");
    assertThat(edge().get("mop.connection.reason")).isEqualTo("HTTP/2: no decoder installed");
  }

  @Test
  void aDecoderThatIsInstalledIsNotCalledMissing() {
    s.capture.protocols(List.of(new NamedProtocol("http2", new Lines())));
    w.openClient().send(PREFACE).close();
    assertThat(edge().get("mop.connection.reason")).isEqualTo("HTTP/2: its decoder found no message");
  }

  @Test
  void firstBytesMayComeOneByOneInBothDirections() {
    w.openServer();
    for (byte b : CLIENT_HELLO) w.recv(new byte[] {b}).send("?");
    w.close();
    assertThat(edge().name()).isEqualTo("tls");
  }

  @Test
  void whatFollowsALossIsNotReadOnWithWhatWasBefore() {
    w.openServer().recv(java.util.Arrays.copyOf(PREFACE, 8)).lose(Record.RECV, 3);
    w.recv(java.util.Arrays.copyOfRange(PREFACE, 8, 24)).close();
    assertThat(edge().name()).isEqualTo("unknown");
    assertThat(edge().get("mop.connection.reason")).isEqualTo("no protocol recognised");
    assertThat(edge().get("mop.connection.bytes_received")).as("with those in no record").isEqualTo(27L);
  }

  @Test
  void bytesThatWereNotCapturedAreSaidToBe() {
    w.openServer().send(new byte[100], 0).close();
    assertThat(edge().get("mop.connection.reason")).isEqualTo("no bytes captured");
  }

  /** As those that look whether a port accepts. */
  @Test
  void aConnectionOnWhichNothingPassedIsNoEdge() {
    w.openServer().eof().put(Record.CLOSE, 0, 0, closing(5), Record.CLOSE_LENGTH, 0);
    assertThat(s.sink.spans).isEmpty();
    assertThat(s.count(Counters.EDGES)).isZero();
  }

  @Test
  void aRoleThatIsNotKnownIsInternal() {
    w.recv("hello").close();
    assertThat(edge().kind()).isEqualTo(SpanSink.INTERNAL);
    assertThat(edge().attributes()).doesNotContainKeys("server.address", "network.peer.address", "network.transport");
  }

  @Test
  void aClientIsKnownByThePortsWhereTheContentDoesNotTell() {
    w.open(40_000, 6380).send("hello").close();
    assertThat(edge().kind()).isEqualTo(SpanSink.CLIENT);
    new Wire(8, s.capture).open(40_000, 50_000).send("hello").close();
    assertThat(s.sink.spans.get(1).kind()).isEqualTo(SpanSink.INTERNAL);
  }

  @Test
  void aConnectionThatADecoderHasReadIsNoEdge() {
    w.openServer().recv("Qa 0\n").send("Ra 0\n").recv("! 0\n").recv("more").close();
    new Wire(8, s.capture).openServer().recv("Qb 0\n").recv("X 0\n").recv("more").close();
    s.capture.close();
    assertThat(s.pairs()).containsExactly("a=a");
    assertThat(s.count(Counters.EDGES)).isZero();
  }

  @Test
  void anEvictedConnectionAndOneThatIsStoppedAreEdges() {
    Setup small = Setup.withEdges(Setup.limits(1, 4096, 8));
    new Wire(1, small.capture).openServer().recv(PREFACE);
    new Wire(2, small.capture).openServer().recv(CLIENT_HELLO);
    assertThat(small.sink.spans).extracting(Collected.Span::name).containsExactly("http2");
    small.capture.close();
    assertThat(small.sink.spans).extracting(Collected.Span::name).containsExactly("http2", "tls");
  }

  @Test
  void anOpenConnectionIsAnEdgeOfEachIntervalInWhichItMovedBytes() {
    w.openServer().recv(PREFACE).send(new byte[9]);
    s.capture.drained(w.now);
    s.capture.drained(w.now + INTERVAL - 1_000_000);
    assertThat(s.sink.spans).isEmpty();
    s.capture.drained(w.now + INTERVAL + Edges.LOOK);
    assertThat(edge().get("mop.connection.bytes_received")).isEqualTo(24L);
    assertThat(edge().get("mop.connection.bytes_sent")).isEqualTo(9L);
    s.capture.drained(w.now + 3 * INTERVAL);
    assertThat(s.sink.spans).as("nothing moved").hasSize(1);
    w.later(3 * INTERVAL).recv(new byte[100]);
    s.capture.drained(w.now + 2 * INTERVAL);
    w.later(2 * INTERVAL).send(new byte[5]).close();
    assertThat(s.sink.spans).hasSize(3);
    assertThat(s.sink.spans).extracting(x -> x.get("mop.connection.bytes_received")).containsExactly(24L, 100L, 0L);
    assertThat(s.sink.spans).extracting(x -> x.get("mop.connection.bytes_sent")).containsExactly(9L, 0L, 5L);
    for (int i = 1; i < 3; i++) {
      assertThat(s.sink.spans.get(i).start()).isGreaterThanOrEqualTo(s.sink.spans.get(i - 1).end());
    }
  }

  @Test
  void theEndOfAConnectionThatWasToldOfSaysItsRoundTripOrNothing() {
    w.openServer().recv(PREFACE);
    Wire other = new Wire(8, s.capture).openServer().recv(PREFACE);
    s.capture.drained(w.now + INTERVAL);
    assertThat(s.sink.spans).hasSize(2);
    other.close();
    assertThat(s.sink.spans).hasSize(2);
    w.put(Record.CLOSE, 0, 0, closing(77), Record.CLOSE_LENGTH, 0);
    assertThat(s.sink.spans).hasSize(3);
    assertThat(s.sink.spans.get(2).get("mop.connection.rtt_us")).isEqualTo(77L);
    assertThat(s.sink.spans.get(2).get("mop.connection.bytes_received")).isEqualTo(0L);
  }

  @Test
  void aUnixSocketEndsWithItsPeer() {
    w.openUnix().recv("hello").eof();
    Wire open = new Wire(8, s.capture).openUnix().recv("hello");
    s.capture.drained(w.now + INTERVAL);
    assertThat(s.count(Counters.CONNECTIONS_OPEN)).as("it has no CLOSE").isEqualTo(1);
    assertThat(s.sink.spans).hasSize(2).allSatisfy(x -> {
      assertThat(x.get("network.transport")).isEqualTo("unix");
      assertThat(x.attributes()).doesNotContainKeys("network.type", "network.peer.port");
    });
    open.recv("hello");
    assertThat(s.count(Counters.CONNECTIONS)).isEqualTo(2);
  }

  @Test
  void withoutEdgesNothingIsTold() {
    Setup without = new Setup();
    new Wire(1, without.capture).openServer().recv(CLIENT_HELLO).close();
    assertThat(without.sink.spans).isEmpty();
    assertThat(without.count(Counters.EDGES)).isZero();
  }
}
