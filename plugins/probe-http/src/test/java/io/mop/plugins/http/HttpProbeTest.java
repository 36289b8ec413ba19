package io.mop.plugins.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.plugin.Size;
import io.mop.testkit.TestConnection;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpProbeTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

  private static String get(String target, String... headers) {
    return "GET " + target + " HTTP/1.1\r\nHost: shop:8080\r\n" + String.join("", headers) + "\r\n";
  }

  @Test
  void aServerSpan() {
    Tap tap = Tap.server().request(get("/cart?user=eve", "User-Agent: curl/8\r\n")).response(OK);
    assertThat(tap.spans())
        .containsExactly(
            new TreeMap<>(
                Map.ofEntries(
                    Map.entry("kind", "server"),
                    Map.entry("name", "GET /cart"),
                    Map.entry("duration", "1000"),
                    Map.entry("http.request.method", "GET"),
                    Map.entry("http.route", "/cart"),
                    Map.entry("url.path", "/cart"),
                    Map.entry("url.query", "user=REDACTED"),
                    Map.entry("client.address", "127.0.0.2"),
                    Map.entry("http.response.body.size", "0"),
                    Map.entry("url.scheme", "http"),
                    Map.entry("server.address", "shop"),
                    Map.entry("server.port", "8080"),
                    Map.entry("network.protocol.version", "1.1"),
                    Map.entry("user_agent.original", "curl/8"),
                    Map.entry("http.response.status_code", "200"),
                    Map.entry("network.peer.address", "127.0.0.2"),
                    Map.entry("network.peer.port", "50000"))));
  }

  @Test
  void aClientSpan() {
    Tap tap = Tap.client().request(get("/cart/7;v=1?user=eve&page=2", "User-Agent: curl/8\r\n")).response(OK);
    assertThat(tap.spans()).singleElement().satisfies(s -> assertThat(s)
        .containsEntry("kind", "client")
        .containsEntry("name", "GET")
        .containsEntry("url.full", "http://shop:8080/cart/7?user=REDACTED&page=REDACTED")
        .containsEntry("server.address", "shop")
        .doesNotContainKeys("http.route", "url.query", "client.address", "user_agent.original"));
  }

  @ParameterizedTest(name = "{0} to {1}")
  @CsvSource(nullValues = "-", value = {
    "/a, shop, http://shop/a", "/, [::1]:81, http://[::1]:81/",
    "http://u:p@other:82/b?c, shop, http://other:82/b?REDACTED", "*, shop, -", "/a, '', -"
  })
  void fullUrls(String target, String host, String url) {
    Tap tap = Tap.client().request("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n").response(OK);
    assertThat(tap.spans()).singleElement().satisfies(s -> assertThat(s.get("url.full")).isEqualTo(url));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(nullValues = "-", value = {
    "a=1&b=, a=REDACTED&b=REDACTED", "s3cr3t, REDACTED", "=x, REDACTED", "a&b=1, REDACTED&b=REDACTED", "-, -",
    "filter[name]=x, filter[name]=REDACTED", "8f3a2b1c9d=1, REDACTED", "eve@example.com=1&&c=2, REDACTED&&c=REDACTED",
    "a=b=c#d=e, a=REDACTED"
  })
  void queries(String query, String masked) {
    Tap tap = Tap.server().request(get(query == null ? "/" : "/?" + query)).response(OK);
    assertThat(tap.spans()).singleElement().satisfies(s -> assertThat(s.get("url.query")).isEqualTo(masked));
  }

  @Test
  void aLongQueryIsShortened() {
    Tap tap = Tap.server().request(get("/?" + "a=1&".repeat(500))).response(OK);
    assertThat(tap.spans().get(0).get("url.query")).isEqualTo("a=REDACTED&".repeat(15) + "a=REDACTED");
  }

  @ParameterizedTest(name = "{0} at the {1}: error.type {2}")
  @CsvSource({
    "200, server, ", "304, server, ", "404, server, ", "500, server, 500", "503, server, 503",
    "302, client, ", "404, client, 404", "500, client, 500"
  })
  void errors(int status, String role, String type) {
    Tap tap = role.equals("server") ? Tap.server() : Tap.client();
    tap.request(get("/")).response("HTTP/1.1 " + status + " X\r\nContent-Length: 0\r\n\r\n");
    assertThat(tap.spans()).singleElement().satisfies(s -> {
      assertThat(s.get("kind")).isEqualTo(role);
      assertThat(s.get("error.type")).isEqualTo(type);
      assertThat(s.get("status")).isEqualTo(type == null ? null : "2");
      assertThat(s.containsKey("user_agent.original")).isFalse();
    });
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "GET, GET, GET, ", "PATCH, PATCH, PATCH, ", "OPTIONS, OPTIONS, OPTIONS, ", "TRACE, TRACE, TRACE, ",
    "PROPFIND, _OTHER, HTTP, PROPFIND", "get, _OTHER, HTTP, get", "M-SEARCH, _OTHER, HTTP, M-SEARCH"
  })
  void methods(String method, String attribute, String name, String original) {
    Tap server = Tap.server().request(method + " / HTTP/1.1\r\n\r\n").response(OK);
    assertThat(server.spans()).extracting(s -> s.get("name")).containsExactly(name + " /");
    Tap client = Tap.client().request(method + " / HTTP/1.1\r\n\r\n").response(OK);
    assertThat(client.spans()).singleElement().satisfies(s -> {
      assertThat(s.get("http.request.method")).isEqualTo(attribute);
      assertThat(s.get("name")).isEqualTo(name);
      assertThat(s.get("http.request.method_original")).isEqualTo(original);
    });
  }

  /** The list replaces the default one; a method that is not in it means what it means. */
  @Test
  void otherMethodsMayBeKnown() {
    HttpProbe.Config config = new HttpProbe.Config(new Size(1024), List.of("PROPFIND", "GET"));
    TestConnection c = TestConnection.atServer(new HttpProbe().create(config, new TestContext("protocols.http")));
    for (String method : List.of("PROPFIND", "GET", "POST")) c.request(method + " / HTTP/1.1\r\n\r\n").response(OK);
    c.request("HEAD / HTTP/1.1\r\n\r\n").response("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
    c.request("GET / HTTP/1.1\r\n\r\n").response(OK).check();
    assertThat(c.spans()).extracting(TestSpan::name)
        .containsExactly("PROPFIND /", "GET /", "HTTP /", "HTTP /", "GET /");
    assertThat(c.spans().get(3).attributes()).containsEntry("http.request.method_original", "HEAD");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ' ',
      nullValues = "-",
      value = {
        "shop shop 8080",
        "shop:81 shop 81",
        "10.1.2.3:443 10.1.2.3 443",
        "[::1]:81 ::1 81",
        "[fe80::1%25eth0] fe80::1%25eth0 8080",
        "eve:secret@shop:81 shop 81",
        "shop:0 shop 8080",
        "shop:99999 shop 8080",
        "shop:x shop 8080",
        "a/b 127.0.0.1 8080",
        "[::1 127.0.0.1 8080",
        ":80 127.0.0.1 8080",
      })
  void hosts(String host, String address, String port) {
    Tap tap = Tap.server().request("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").response(OK);
    assertThat(tap.spans()).singleElement().satisfies(s -> {
      assertThat(s.get("server.address")).isEqualTo(address);
      assertThat(s.get("server.port")).isEqualTo(port);
    });
  }

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "00-" + TRACE + "-" + SPAN + "-01",
        "00-" + TRACE + "-" + SPAN + "-00  ",
        "cc-" + TRACE + "-" + SPAN + "-01-what-the-future-brings"
      })
  void validParents(String header) {
    Tap tap = Tap.server().request(get("/", "TraceParent:" + header + "\r\n")).response(OK);
    assertThat(tap.spans()).extracting(s -> s.get("parent")).containsExactly(TRACE + "-" + SPAN);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "garbage",
        "00-" + TRACE + "-" + SPAN,
        "00-" + TRACE + "-" + SPAN + "-1",
        "00-" + TRACE + "-" + SPAN + "-01-more",
        "ff-" + TRACE + "-" + SPAN + "-01",
        "cc-" + TRACE + "-" + SPAN + "-01.",
        "00-00000000000000000000000000000000-" + SPAN + "-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-" + SPAN + "-01",
        "00-" + TRACE + "-" + SPAN + "-0x",
        "00_" + TRACE + "_" + SPAN + "_01",
        "00-" + TRACE + "-" + SPAN + "-01\r\ntraceparent: 00-" + TRACE + "-" + SPAN + "-01"
      })
  void invalidParents(String header) {
    Tap tap = Tap.server().request(get("/", "traceparent: " + header + "\r\n")).response(OK);
    assertThat(tap.spans()).singleElement().satisfies(s -> assertThat(s).doesNotContainKey("parent"));
  }

  @Test
  void secretsDoNotLeave() {
    String secret = "s3cr3t";
    Tap tap = Tap.server();
    tap.request("POST http://u:s3cr3t@h/a;jsessionid=s3cr3t?token=s3cr3t#s3cr3t HTTP/1.1\r\nHost: u:s3cr3t@h\r\n"
        + "Cookie: id=s3cr3t\r\nAuthorization: Bearer s3cr3t\r\nX-Api-Key: s3cr3t\r\nReferer: http://h/?s3cr3t\r\n"
        + "Content-Length: 6\r\n\r\ns3cr3t");
    tap.response("HTTP/1.1 500 s3cr3t\r\nSet-Cookie: id=s3cr3t\r\nLocation: /?s3cr3t\r\n"
        + "Content-Length: 6\r\n\r\ns3cr3t");
    assertThat(tap.spans()).singleElement().satisfies(s -> {
      assertThat(s.toString()).doesNotContain(secret);
      assertThat(s.get("url.path")).isEqualTo("/a");
    });
  }

  @Test
  void whatIsNotTextIsMadeText() {
    Tap tap = Tap.server().request(get("/\303\274/\377", "User-Agent: a\033[1mb\r\n")).response(OK);
    assertThat(tap.spans()).singleElement().satisfies(s -> {
      assertThat(s.get("url.path")).isEqualTo("/\u00fc/\ufffd");
      assertThat(s.get("user_agent.original")).isEqualTo("a\ufffd[1mb");
    });
  }

  @Test
  void pipeliningOfDepth32() {
    Tap tap = Tap.server();
    List<String> expected = new ArrayList<>();
    StringBuilder requests = new StringBuilder();
    StringBuilder responses = new StringBuilder();
    for (int round = 0; round < 10; round++) {
      requests.setLength(0);
      responses.setLength(0);
      for (int i = 0; i < 32; i++) {
        int status = 200 + round * 32 + i;
        boolean head = i % 3 == 0;
        requests.append(head ? "HEAD" : "GET").append(" /").append(status).append(" HTTP/1.1\r\nHost: h\r\n\r\n");
        boolean none = status == 204 || status == 304;
        responses.append("HTTP/1.1 ").append(status).append(" X\r\nContent-Length: 3\r\n\r\n");
        if (!head && !none) responses.append("abc");
        expected.add((head ? "HEAD" : "GET") + " /" + status + " " + status);
      }
      tap.request(requests.toString()).response(responses.toString());
    }
    assertThat(tap.exchanges()).isEqualTo(expected);
  }

  @Test
  void cutBodiesArePassedOver() {
    Tap tap = Tap.server();
    byte[] post = Tap.bytes("POST /a HTTP/1.1\r\nContent-Length: 50000\r\n\r\n" + "x".repeat(20_000));
    tap.data(true, post, 1024).data(true, new byte[30_000], 64);
    tap.data(false, Tap.bytes("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + "y".repeat(4000)), 100);
    tap.data(false, new byte[5000], 0);
    assertThat(tap.exchanges()).containsExactly("POST /a 200");
    assertThat(tap.spans().get(0).get("duration")).as("up to the last cut byte").isEqualTo("3000");
  }

  @Test
  void cutChunksArePassedOverAsLongAsTheirSizesAreSeen() {
    Tap tap = Tap.server().request(get("/a"));
    tap.response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    tap.data(false, Tap.bytes("3e8\r\n" + "x".repeat(1000) + "\r\n"), 64);
    tap.data(false, Tap.bytes("3e8\r\n" + "x".repeat(1000) + "\r\n"), 64).response("0\r\n\r\n");
    assertThat(tap.exchanges()).containsExactly("GET /a 200");
    tap.request(get("/b"));
    tap.data(false, Tap.bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n"), 52);
    tap.response("0\r\n\r\n").request(get("/c")).response(OK);
    assertThat(tap.exchanges()).containsExactly("GET /a 200", "GET /c 200");
    assertThat(tap.count("exchanges_incomplete", "cut")).isEqualTo(1);
  }

  @Test
  void aCutHeadIsAnIncompleteExchange() {
    Tap tap = Tap.server().request(get("/a")).response(OK);
    tap.data(true, Tap.bytes(get("/b", "Cookie: " + "x".repeat(3000) + "\r\n")), 1024).response(OK);
    tap.request(get("/c")).response(OK);
    assertThat(tap.exchanges()).containsExactly("GET /a 200", "GET /c 200");
    assertThat(tap.count("exchanges_incomplete", "cut")).isEqualTo(1);
  }

  @Test
  void aHeadThatIsTooLongIsCountedAndPassedOver() {
    Tap tap = Tap.server(1024).request(get("/a")).response(OK);
    String big = get("/b", "X-Big: " + "x".repeat(2000) + "\r\n");
    tap.request(big.substring(0, 900)).request(big.substring(900)).response(OK);
    tap.request(get("/c")).response(OK);
    assertThat(tap.exchanges()).containsExactly("GET /a 200", "GET /c 200");
    assertThat(tap.context.counted()).containsExactly(Map.entry("oversized_heads", 1L));
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(
      strings = {
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: -1",
        "Content-Length: 99999999999999999999",
        "Content-Length: 1x",
        "Content-Length:",
        "Transfer-Encoding: gzip"
      })
  void contradictoryLengthsAreNotFollowed(String header) {
    Tap tap = Tap.server().request("POST /a HTTP/1.1\r\n" + header + "\r\n\r\n").response(OK);
    tap.request(get("/b")).response(OK);
    assertThat(tap.exchanges()).containsExactly("GET /b 200");
    assertThat(tap.context.counted()).containsExactly(Map.entry("malformed_messages", 1L));
  }

  @Test
  void otherProtocolsAreNotTaken() {
    Tap tap = Tap.server();
    for (String other :
        List.of(
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "*1\r\n$4\r\nPING\r\n", "PING\r\n", "\0\0\0\10\4\322\26\57",
            "\26\3\1\2\0\1\0\1", "OPTIONS rtsp://h/ RTSP/1.0\r\n\r\n", "INVITE sip:a@b SIP/2.0\r\n\r\n",
            "EHLO example.com\r\n", "get key\r\n", "GET /\r\n", "HTTP/1.1 200 OK\r\n\r\n")) {
      tap.connect().request(other).response("+OK\r\n").request(other);
    }
    assertThat(tap.spans()).isEmpty();
    assertThat(tap.count("exchanges")).isZero();
  }

  @Test
  void lateAttachStartsAtTheNextRequest() {
    Tap tap = Tap.server().request("rest of a body").response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    tap.request(get("/a")).response(OK);
    tap.connect().response("rest of a response").request(get("/b")).response(OK);
    assertThat(tap.exchanges()).containsExactly("GET /a 200", "GET /b 200");
    assertThat(tap.count("responses_unmatched")).isZero();
  }

  @Test
  void closeEndsAResponseThatLastsUntilThen() {
    Tap tap = Tap.server().request(get("/a")).response("HTTP/1.1 200 OK\r\n\r\nabc").response("def").close();
    assertThat(tap.exchanges()).containsExactly("GET /a 200");
    Tap client = Tap.client().request(get("/a")).response("HTTP/1.1 200 OK\r\n\r\nabc").close();
    assertThat(client.exchanges()).as("the client did not wait for the end").isEmpty();
    Tap half = Tap.server().request(get("/a")).response("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").close();
    assertThat(half.exchanges()).isEmpty();
    assertThat(half.count("exchanges_incomplete")).isEqualTo(1);
  }

  /** A body ends with what looks like a request without its last byte, and an earlier part of it is lost. */
  @Test
  void theRestOfABodyAfterALossIsNotReadOnWithTheNextRequest() {
    Tap t = Tap.server().request("GET /a HTTP/1.1\r\n\r\n").response(OK);
    t.request("POST /b HTTP/1.1\r\nContent-Length: 62\r\n\r\nx").lose(true, 39);
    t.request("\r\nGET /999 HTTP/1.1\r\n\r").response(OK);
    t.request("GET /c HTTP/1.1\r\n\r\n").response(OK);
    assertThat(t.exchanges()).containsExactly("GET /a 200", "GET /c 200");
  }

  /** What is left of {@code GET} makes a method of its own. */
  @Test
  void aRequestCutInItsMethodAfterALossIsNoOtherMethod() {
    Tap t = Tap.server().request("GET /a HTTP/1.1\r\n\r\n").response(OK).lose(true, 21).response(OK);
    t.data(true, Tap.bytes("GE"), 0).request("T /c HTTP/1.1\r\n\r\n").response(OK);
    t.request("GET /d HTTP/1.1\r\n\r\n").response(OK);
    assertThat(t.exchanges()).containsExactly("GET /a 200", "GET /d 200");
  }
}
