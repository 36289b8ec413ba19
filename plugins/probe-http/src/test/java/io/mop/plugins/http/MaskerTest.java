package io.mop.plugins.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.Conversation;
import io.mop.testkit.MaskerHarness;
import io.mop.testkit.TestContext;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A recording of real traffic holds no value, and gives the same spans. */
class MaskerTest {
  private static final List<String> VALUES = List.of("MARK", "curl/", "Python/", "nginx/", "Java-http");
  private final TestContext context = new TestContext("protocols.http");

  private List<String> left(Conversation c) {
    return new MaskerHarness(() -> Tap.protocol(context), VALUES, Set.of("user_agent.original")).check(c);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nginx-curl", "nginx-curl-413", "nginx-curl-413-early", "nginx-jdk", "nginx-pipelined",
      "node-curl", "node-curl-close", "node-curl-long-head", "python-curl"})
  void recorded(String name) {
    left(Conversation.read(MaskerTest.class, name + ".txt"));
  }

  @Test
  void headsKeepWhatFramesAndWhatSpansTell() {
    List<String> left = left(Conversation.empty()
        .request("POST http://eve:MARK0@shop/a/b;s=MARK1/c?x=MARK2&MARK3&y#MARK4 HTTP/1.1\r\nHost: MARK5@shop:80\r\n"
            + "Cookie: MARK6\r\n MARK7\r\nAuthorization:MARK8\r\nContent-Length: 5\r\n"
            + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\nMARK9")
        .response("HTTP/1.1 200 MARK1\r\nTransfer-Encoding: chunked\r\nSet-Cookie: MARK2\r\n\r\n"
            + "5;e=MARK3\r\nMARK4\r\n0\r\nTrailer: MARK5\r\n\r\n"));
    assertThat(left.get(0)).isEqualTo(
        "POST http://xxxxxxxxx@shop/a/b;xxxxxxx/c?x=xxxxx&xxxxx&x#xxxxx HTTP/1.1\r\nHost: xxxxx@shop:80\r\n"
            + "Cookie: xxxxx\r\nxxxxxx\r\nAuthorization:xxxxx\r\nContent-Length: 5\r\n"
            + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\nxxxxx");
    assertThat(left.get(1)).isEqualTo("HTTP/1.1 200 xxxxx\r\nTransfer-Encoding: chunked\r\nSet-Cookie: xxxxx\r\n\r\n"
        + "5;xxxxxxx\r\nxxxxxxx0\r\nTrailer: xxxxx\r\n\r\n");
  }

  @Test
  void nothingIsLeftOfWhatFollowsAnUpgrade() {
    Conversation upgrade = Conversation.empty()
        .request("GET /chat HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        .response("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n");
    new MaskerHarness(() -> Tap.protocol(context), VALUES, Set.of()).check(upgrade);
  }
}
