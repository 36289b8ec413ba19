package io.mop.plugins.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where messages end, and what passes around them. */
class FramingTest {
  private static final String GET = "GET /a HTTP/1.1\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  private static final String UPGRADE = "GET /chat HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  private static final String SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

  /** A server's thread may read frames before the record of its other thread's 101 is written. */
  @Test
  void framesMayBeRecordedBeforeTheUpgradesAnswer() {
    Tap tap = Tap.server().request(UPGRADE).request("\201\205\n\nxx\n\r\n").request("\201\200\n");
    tap.request("\202\376" + "x".repeat(20_000)).response(SWITCHING);
    assertThat(tap.exchanges()).containsExactly("GET /chat 101");
    assertThat(tap.count("resyncs")).isZero();
    assertThat(tap.count("connections_left", "upgrade")).isEqualTo(1);
    assertThat(tap.context.counted()).isEmpty();
  }

  @Test
  void anUpgradeThatTheServerIgnoresIsARequestAsAnyOther() {
    Tap tap = Tap.server().request(UPGRADE + GET).response(OK + OK).request(GET).response(OK);
    assertThat(tap.exchanges()).containsExactly("GET /chat 200", "GET /a 200", "GET /a 200");
  }

  @Test
  void whatFollowsAnIgnoredUpgradeIsStrictAgain() {
    Tap tap = Tap.server().request(UPGRADE).response(OK).request("\201\205\n\nxx\n\r\n");
    assertThat(tap.context.count("malformed_messages")).isEqualTo(1);
  }

  /** Its request was sent before MOP looked: if it was HEAD, there is no body. */
  @Test
  void aResponseWhoseRequestWasNotSeenDoesNotHideTheNextOnes() {
    for (Tap tap : new Tap[] {Tap.server(), Tap.client()}) {
      tap.response("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
      tap.request(GET).response(OK).request(GET).response(OK);
      assertThat(tap.exchanges()).containsExactly("GET /a 200", "GET /a 200");
    }
  }

  @Test
  void theBodyOfAResponseWhoseRequestWasNotSeenIsPassedOver() {
    Tap tap = Tap.server().response("HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\nabc").response(OK + "x".repeat(19));
    tap.request(GET).response(OK);
    assertThat(tap.exchanges()).containsExactly("GET /a 200");
  }

  @Test
  void aClientThatClosesItsDirectionStillGetsItsAnswer() {
    Tap tap = Tap.server().request(GET).end().response(OK).close();
    tap.connect().request(GET).end().response("HTTP/1.0 200 OK\r\n\r\nuntil close").close();
    assertThat(tap.exchanges()).containsExactly("GET /a 200", "GET /a 200");
  }

  @ParameterizedTest(name = "{0} / {1}")
  @CsvSource(nullValues = "-", value = {
    "Content-Length: 3|abc, Content-Length: 2|ok, 3, 2",
    "Content-Length: 0|, Content-Length: 0|, 0, 0",
    "X: y|, Content-Length: 70000|+, -, 70000",
    "Transfer-Encoding: chunked|3;e=1:abc:A:0123456789:0::, Transfer-Encoding: chunked|1:x:0:Trailer=y::, 13, 1",
    "Transfer-Encoding: chunked|0::, Transfer-Encoding: chunked|0::, 0, 0",
    "Content-Length: 9&Transfer-Encoding: chunked|1:x:0::, Content-Length: 2&Transfer-Encoding: chunked|0::, 1, 0"
  })
  void bodySizes(String request, String response, String asked, String answered) {
    for (Tap tap : new Tap[] {Tap.server(), Tap.client()}) {
      tap.request("POST /a HTTP/1.1\r\n" + message(request)).response("HTTP/1.1 200 OK\r\n" + message(response));
      tap.request(GET).response(OK);
      assertThat(tap.exchanges()).containsExactly("POST /a 200", "GET /a 200");
      assertThat(tap.spans().get(0).get("http.request.body.size")).isEqualTo(asked);
      assertThat(tap.spans().get(0).get("http.response.body.size")).isEqualTo(answered);
      assertThat(tap.spans().get(1)).doesNotContainKey("http.request.body.size");
    }
  }

  /** {@code headers|body}; {@code &} parts headers, {@code :} ends lines of chunks, {@code +} is a body of 70,000. */
  private static String message(String text) {
    String[] parts = text.split("\\|", -1);
    boolean chunked = parts[0].contains("chunked");
    String body = parts[1].equals("+") ? "x".repeat(70_000) : parts[1];
    return parts[0].replace("&", "\r\n") + "\r\n\r\n" + (chunked ? body.replace(":", "\r\n") : body);
  }
}
