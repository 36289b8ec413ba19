package io.mop.capture;

import static io.mop.capture.Role.CLIENT;
import static io.mop.capture.Role.SERVER;
import static io.mop.capture.Role.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecognitionTest {
  private static final String CLIENT_HELLO = "\\16\\03\\01\\02\\00\\01\\00\\01\\fc\\03\\03" + "r".repeat(32) + "\\20";
  private static final String SERVER_HELLO = "\\16\\03\\03\\00\\7a\\02\\00\\00\\76\\03\\03" + "r".repeat(32) + "\\20";
  private static final String APPLICATION_DATA = "\\17\\03\\03\\00\\45" + "x".repeat(69);
  private static final String HANDSHAKE_FINISHED = "\\14\\03\\03\\00\\01\\01\\16\\03\\03\\00\\28" + "x".repeat(40);
  private static final String WINDOW_UPDATE = "\\00\\00\\04\\08\\00\\00\\00\\00\\00\\00\\0e\\ff\\01";
  private static final String HEADERS = "\\00\\00\\05\\01\\05\\00\\00\\00\\01\\82\\86\\84\\41\\8a";
  private static final String PG_STARTUP = "\\00\\00\\00\\21\\00\\03\\00\\00user\\00app\\00database\\00shop\\00\\00";
  private static final String PG_SSL_REQUEST = "\\00\\00\\00\\08\\04\\d2\\16\\2f";
  private static final String PG_ANSWER =
      "1\\00\\00\\00\\042\\00\\00\\00\\04C\\00\\00\\00\\0dSELECT 1\\00Z\\00\\00\\00\\05I";
  private static final String MYSQL_GREETING =
      "\\49\\00\\00\\00\\0a8.0.36\\00\\08\\00\\00\\00saltsalt\\00\\ff\\ff\\ff\\02";
  private static final String MYSQL_SSL_REQUEST = "\\20\\00\\00\\01\\85\\ae\\ff\\19" + "\\00".repeat(28);
  private static final String KAFKA_VERSIONS =
      "\\00\\00\\00\\24\\00\\12\\00\\03\\00\\00\\00\\07\\00\\08producer\\00\\05java\\064.0.0\\00";
  private static final String KAFKA_NAMELESS = "\\00\\00\\00\\0a\\00\\12\\00\\00\\00\\00\\00\\07\\ff\\ff";
  private static final String KAFKA_ANSWER = "\\00\\00\\00\\40\\00\\00\\00\\07\\00\\00\\00\\00\\00\\3a";
  private static final String MONGO_HELLO =
      "\\3d\\00\\00\\00\\01\\00\\00\\00\\00\\00\\00\\00\\dd\\07\\00\\00\\00\\00\\00\\00\\00\\28\\00\\00\\00";
  private static final String MONGO_ANSWER =
      "\\3d\\01\\00\\00\\05\\00\\00\\00\\01\\00\\00\\00\\dd\\07\\00\\00\\00\\00\\00\\00\\00\\28\\01\\00\\00";
  private static final String DNS_QUERY =
      "\\00\\1d\\ab\\cd\\01\\00\\00\\01\\00\\00\\00\\00\\00\\00\\07example\\03org\\00\\00\\01\\00\\01";
  private static final String DNS_ANSWER =
      "\\00\\2d\\ab\\cd\\81\\80\\00\\01\\00\\01\\00\\00\\00\\00\\07example\\03org\\00\\00\\01\\00\\01\\c0\\0c";

  record Case(String received, String sent, WireKind kind, Role role) {}

  static Stream<Case> cases() {
    return Stream.of(
        new Case(CLIENT_HELLO, SERVER_HELLO, WireKind.TLS, SERVER),
        new Case("", CLIENT_HELLO, WireKind.TLS, CLIENT),
        new Case(APPLICATION_DATA, "", WireKind.TLS, UNKNOWN),
        new Case("", HANDSHAKE_FINISHED, WireKind.TLS, UNKNOWN),
        new Case("\\15\\03\\03\\00\\1a" + "x".repeat(26), "\\16\\03\\03\\01\\00", WireKind.TLS, UNKNOWN),
        new Case("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "", WireKind.HTTP2, SERVER),
        new Case("", WINDOW_UPDATE + HEADERS, WireKind.HTTP2, UNKNOWN),
        new Case("GET /a HTTP/1.1\r\nHost: b\r\n", "HTTP/1.1 200 OK\r\n", WireKind.HTTP1, SERVER),
        new Case("HTTP/1.0 404 Not Found\r\n", "", WireKind.HTTP1, CLIENT),
        new Case("", "POST /" + "a".repeat(200), WireKind.HTTP1, CLIENT),
        new Case("", "CONNECT example.org:443 HTTP/1.1\r\n", WireKind.HTTP1, CLIENT),
        new Case("*1\r\n$4\r\nPING\r\n", "+PONG\r\n", WireKind.REDIS, UNKNOWN),
        new Case("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\nvalue\r\n", "+OK\r\n", WireKind.REDIS, UNKNOWN),
        new Case(PG_STARTUP, "R\\00\\00\\00\\08\\00\\00\\00\\00", WireKind.POSTGRESQL, SERVER),
        new Case("", PG_SSL_REQUEST, WireKind.POSTGRESQL, CLIENT),
        new Case(PG_ANSWER, "", WireKind.POSTGRESQL, CLIENT),
        new Case("S" + SERVER_HELLO, PG_SSL_REQUEST + CLIENT_HELLO, WireKind.TLS, CLIENT),
        new Case(MYSQL_GREETING, "", WireKind.MYSQL, CLIENT),
        new Case(MYSQL_SSL_REQUEST + CLIENT_HELLO, MYSQL_GREETING, WireKind.TLS, SERVER),
        new Case(KAFKA_VERSIONS, KAFKA_ANSWER, WireKind.KAFKA, SERVER),
        new Case(KAFKA_ANSWER, KAFKA_NAMELESS, WireKind.KAFKA, CLIENT),
        new Case("AMQP\\00\\00\\09\\01", "", WireKind.AMQP, SERVER),
        new Case("", MONGO_HELLO, WireKind.MONGODB, CLIENT),
        new Case("", MONGO_ANSWER, WireKind.MONGODB, SERVER),
        new Case("", "\\10\\25\\00\\04MQTT\\04\\02\\00\\3c", WireKind.MQTT, CLIENT),
        new Case("INFO {\"server_id\":\"N\"", "", WireKind.NATS, CLIENT),
        new Case("SSH-2.0-OpenSSH_9.2p1\r\n", "SSH-2.0-OpenSSH_9.2p1\r\n", WireKind.SSH, UNKNOWN),
        new Case(DNS_QUERY, "", WireKind.DNS, SERVER),
        new Case(DNS_ANSWER, "", WireKind.DNS, CLIENT));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void firstBytesTellTheProtocolAndTheRole(Case c) {
    assertThat(Recognition.of(prefix(c.received), prefix(c.sent))).isEqualTo(new Recognition(c.kind, c.role));
  }

  /** What is said of a beginning is what is said of more of it, or nothing, or that encryption is asked for. */
  @ParameterizedTest
  @MethodSource("cases")
  void aBeginningIsNotTakenForAnotherProtocol(Case c) {
    byte[] received = bytes(c.received);
    byte[] sent = bytes(c.sent);
    for (int in = 0; in <= received.length; in++) {
      for (int out = 0; out <= sent.length; out++) {
        WireKind kind = Recognition.of(prefix(received, in), prefix(sent, out)).kind();
        boolean startTls = c.kind == WireKind.TLS && (kind == WireKind.POSTGRESQL || kind == WireKind.MYSQL);
        if (!startTls) assertThat(kind).isIn(c.kind, WireKind.UNKNOWN);
      }
    }
  }

  /** Of a late attach, and of protocols that this does not know. */
  @Test
  void whatIsNotSureIsUnknown() {
    List<String> unsure =
        List.of(
            "+OK\r\n", "$5\r\nvalue\r\n", "*0\r\n", "*2\r\n", "-ERR no\r\n", "GET a\r\n", "get a\r\n", "GET /",
            "HTTP/1.1", "HTTP/1.1 OK", "PRI * HTTP/1.1\r\n", "DESCRIBE /a RTSP/1.0\r\n", "GET /a RTSP/1.0\r\n", "SSH-3",
            "220 mail ESMTP\r\n", "\\16\\03\\01\\02\\00", "\\17\\03\\03", "\\00\\00\\00\\04\\00\\00\\00\\00\\00",
            "\\00".repeat(96), "\\ff".repeat(96), "\\00\\00\\00\\08\\00\\00\\00\\00", "Q\\00\\00\\00\\0dSELECT 1\\00",
            "\\00\\00\\00\\2c\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00", "\\07\\00\\00\\02\\00\\00\\00\\02",
            "<?xml version=\"1.0\"?>", "{\"jsonrpc\":\"2.0\"}", "\\ca\\fe\\ba\\be\\00\\00\\00\\3d");
    for (String s : unsure) {
      assertThat(Recognition.of(prefix(s), prefix(""))).as(s).isEqualTo(Recognition.UNKNOWN);
      assertThat(Recognition.of(prefix(""), prefix(s))).as(s).isEqualTo(Recognition.UNKNOWN);
    }
  }

  @Test
  void directionsThatContradictEachOtherAreUnknown() {
    assertThat(Recognition.of(prefix(CLIENT_HELLO), prefix("HTTP/1.1 200 OK\r\n"))).isEqualTo(Recognition.UNKNOWN);
  }

  @Test
  void randomBytesAreNothing() {
    Random random = new Random(1);
    byte[] bytes = new byte[Prefix.LENGTH];
    for (int i = 0; i < 300_000; i++) {
      random.nextBytes(bytes);
      Prefix p = prefix(bytes, 1 + random.nextInt(bytes.length));
      assertThat(Recognition.of(p, prefix(bytes, 0))).isEqualTo(Recognition.UNKNOWN);
    }
  }

  @Property(tries = 20_000)
  void anyBytesAreAnswered(@ForAll long seed) {
    Random random = new Random(seed);
    List<Case> cases = cases().toList();
    Prefix[] mutated = new Prefix[2];
    for (int dir = 0; dir < 2; dir++) {
      Case c = cases.get(random.nextInt(cases.size()));
      byte[] bytes = bytes(random.nextBoolean() ? c.received : c.sent);
      for (int n = random.nextInt(4); n > 0 && bytes.length > 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(3) - 1);
      }
      mutated[dir] = prefix(bytes, random.nextInt(bytes.length + 1));
    }
    assertThat(Recognition.of(mutated[0], mutated[1]).kind()).isNotNull();
  }

  private static Prefix prefix(String s) {
    return prefix(bytes(s), bytes(s).length);
  }

  private static Prefix prefix(byte[] bytes, int n) {
    Prefix p = new Prefix();
    if (n > 0) new Wire(1, p::add).recv(java.util.Arrays.copyOf(bytes, n));
    return p;
  }

  /** Two hexadecimal digits behind a backslash are a byte. */
  static byte[] bytes(String s) {
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    for (int i = 0; i < s.length(); i++) {
      if (s.charAt(i) != '\\') {
        out.write(s.charAt(i));
        continue;
      }
      out.write(HexFormat.fromHexDigits(s, i + 1, i + 3));
      i += 2;
    }
    return out.toByteArray();
  }
}
