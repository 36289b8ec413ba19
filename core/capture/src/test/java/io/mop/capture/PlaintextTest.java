package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Connections whose plaintext comes from a TLS library, beside the ciphertext of their socket. */
class PlaintextTest {
  /** Application data of 256 bytes, and the beginning of more. */
  private static final byte[] CIPHER = Arrays.copyOf(new byte[] {23, 3, 3, 1, 0}, 300);
  private final Setup s = Setup.withEdges();
  private final Wire w = new Wire(7, s.capture);
  private final Wire p = Wire.plaintext(7, s.capture);
  private final List<String> told = new ArrayList<>();

  PlaintextTest() {
    s.capture.policies((conn, policy, framedBy) -> told.add(Long.toHexString(conn) + " " + policy));
    s.capture.tls(tgid -> tgid == 4711 ? Optional.of("TLS by libssl.so.3: read by uprobes (fast)") : Optional.empty());
  }

  private Wire cipher(int dir) {
    return dir == Record.RECV ? w.recv(CIPHER) : w.send(CIPHER);
  }

  private void exchange(String name) {
    cipher(Record.RECV);
    p.recv("Q" + name + " 0\n");
    cipher(Record.SEND);
    p.send("R" + name + " 0\n");
  }

  @Test
  void onlyThePlaintextIsRead() {
    w.openServer();
    for (String name : List.of("a", "b", "c")) exchange(name);
    w.close();
    assertThat(s.pairs()).containsExactly("a=a", "b=b", "c=c");
    assertThat(s.sink.spans).as("no edge").allMatch(span -> span.name().equals("lines"));
    assertThat(told).containsExactly("7 HEADER_ONLY");
    assertThat(s.balanced()).isTrue();
  }

  /** A cipher's bytes may look like anything. */
  @Test
  void ciphertextThatLooksLikeAMessageIsNone() {
    w.openServer();
    exchange("a");
    w.recv("Qx 0\n").send("Rx 0\n");
    exchange("b");
    assertThat(s.pairs()).containsExactly("a=a", "b=b");
    assertThat(s.count(Counters.EXCHANGES)).isEqualTo(2);
  }

  @Test
  void whatWasTakenForAProtocolBeforeEnds() {
    w.openServer().recv("Qx 0\n");
    exchange("a");
    assertThat(s.pairs()).containsExactly("a=a");
    assertThat(s.incomplete(Counters.LEFT)).isEqualTo(1);
    assertThat(s.balanced()).isTrue();
  }

  /** As where a client asks for TLS in plain text. */
  @Test
  void whatIsLeftForTlsIsReadAnew() {
    w.openServer().recv("Qa 0\n").send("Ra 0\n").recv("Xtls 0\n");
    assertThat(s.count(Counters.CONNECTIONS_LEFT)).isEqualTo(1);
    exchange("b");
    exchange("c");
    w.close();
    assertThat(s.pairs()).containsExactly("a=a", "b=b", "c=c");
    assertThat(s.sink.spans).as("no edge").allMatch(span -> span.name().equals("lines"));
    assertThat(s.count(Counters.CONNECTIONS_LEFT)).isZero();
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void plaintextThatNobodyReadsAfterAnotherProtocolIsAnEdgeToo() {
    w.openServer().recv("Qa 0\n").recv("Xtls 0\n");
    cipher(Record.RECV);
    p.recv("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    w.close();
    assertThat(s.sink.spans).singleElement().satisfies(span -> {
      assertThat(span.name()).isEqualTo("http2");
      assertThat(span.get("mop.connection.reason"))
          .isEqualTo("TLS by libssl.so.3: read by uprobes (fast); HTTP/2: no decoder installed");
    });
  }

  @Test
  void aHoleInThePlaintextIsNotPairedAcross() {
    w.openServer();
    exchange("a");
    p.recv("Qb 0\n").lose(Record.SEND, 5).recv("Qc 0\n").send("Rc 0\n");
    assertThat(s.pairs()).contains("a=a").doesNotContain("b=c");
    assertThat(s.count(Counters.RECORDS_LOST)).isEqualTo(1);
    assertThat(s.balanced()).isTrue();
  }

  /** Nothing tells of plaintext that passed while the process was not observed but the ciphertext that passed too. */
  @Test
  void bytesThatPassedUnseenOnTheSocketMayHaveBeenPlaintext() {
    w.openServer();
    exchange("a");
    p.recv("Qb 0\n");
    w.unseen(Record.SEND, 300).unseen(Record.RECV, 300);
    w.send(CIPHER);
    p.send("Rc 0\n");
    exchange("d");
    assertThat(s.pairs()).contains("a=a").doesNotContain("b=c", "b=d");
    assertThat(s.incomplete(Counters.BYTES_MISSING)).isEqualTo(1);
    assertThat(s.balanced()).isTrue();
  }

  @Test
  void aRecordOfCiphertextThatWasDroppedHarmsNothing() {
    w.openServer();
    exchange("a");
    p.recv("Qb 0\n");
    w.lose(Record.SEND, 300).recv(CIPHER);
    p.send("Rb 0\n");
    assertThat(s.pairs()).containsExactly("a=a", "b=b");
  }

  @Test
  void plaintextThatNobodyReadsIsAnEdgeThatSaysSo() {
    w.openServer().recv(CIPHER);
    p.recv("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    w.close();
    assertThat(s.sink.spans).singleElement().satisfies(span -> {
      assertThat(span.name()).isEqualTo("http2");
      assertThat(span.get("mop.connection.reason"))
          .isEqualTo("TLS by libssl.so.3: read by uprobes (fast); HTTP/2: no decoder installed");
      assertThat(span.get("mop.connection.bytes_received")).as("of the socket").isEqualTo(300L);
    });
  }

  @Test
  void ciphertextWithoutPlaintextSaysWhatIsKnownOfTheLibrary() {
    w.openServer().recv(CIPHER).send(CIPHER).close();
    assertThat(s.sink.spans).singleElement().satisfies(span -> {
      assertThat(span.name()).isEqualTo("tls");
      assertThat(span.get("mop.connection.reason"))
          .isEqualTo("TLS by libssl.so.3: read by uprobes (fast); no call on this connection was seen");
    });
  }

  @Test
  void theLastBytesAreTimedByThePlaintext() {
    w.openServer();
    cipher(Record.RECV);
    p.now = w.now;
    p.recv("Qa 0\n");
    p.later(5_000_000).send("Ra 0\n");
    assertThat(s.sink.spans).hasSize(1);
    assertThat(s.sink.spans.get(0).end() - s.sink.spans.get(0).start()).isEqualTo(5_001_000);
  }
}
