package @package@;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.mop.api.capture.Protocol;
import io.mop.api.plugin.Size;
import io.mop.testkit.Conversation;
import io.mop.testkit.MaskerHarness;
import io.mop.testkit.ProtocolHarness;
import io.mop.testkit.Replay;
import io.mop.testkit.ReplayTest;
import io.mop.testkit.TestConnection;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class @Class@Test {
  private static final Conversation CONVERSATION = Conversation.read(@Class@Test.class, "/conversation.txt");

  private final TestContext context = new TestContext("protocols.@name@");

  private Protocol protocol() {
    return new @Class@().create(new @Class@.Config(new Size(256)), context);
  }

  @Test
  void everyExchangeIsASpan() {
    List<TestSpan> spans = new ProtocolHarness(this::protocol).whole(CONVERSATION);
    assertThat(spans)
        .extracting(
            TestSpan::name, s -> s.attributes().get("@name@.key"), s -> s.attributes().get("@name@.response.size"),
            s -> s.attributes().get("error.type"))
        .containsExactly(
            tuple("STORE", "a", 3L, null),
            tuple("FETCH", "a", 11L, null),
            tuple("FETCH", "none", 26L, "not_found"),
            tuple("STORE", "b", 12L, null),
            tuple("FETCH", "b", 5L, null),
            tuple("DROP", "b", 11L, "locked"),
            tuple("FETCH", "c", 19L, null));
    assertThat(spans.toString()).as("values are in no span").doesNotContain("secret");
  }

  /** Cut at every byte, ended after every byte, not captured from every byte, every record lost, recorded late. */
  @Test
  void whateverHappensOnTheWayNoSpanIsWrong() {
    new ProtocolHarness(this::protocol).everyWay(CONVERSATION);
  }

  /** What "mop record" has seen of a real client; whole, in pieces, in another order, ended early, with losses. */
  @ReplayTest(recording = "/recorded.moprec", expect = "/recorded.yaml")
  void aRecordedClient(Replay replay) {
    replay.with(this::protocol);
  }

  @Test
  void valuesAreInNoRecording() {
    List<String> values = List.of("secret", "such", "stored", "seventeen");
    new MaskerHarness(this::protocol, values, Set.of()).check(CONVERSATION);
  }

  @Test
  void aLineThatIsTooLongIsCountedAndPassedOver() {
    TestConnection connection = TestConnection.atServer(protocol());
    connection.request("FETCH a\n").response("OK\n");
    connection.request("STORE b " + "x".repeat(300) + "\n").response("OK\n");
    connection.request("FETCH c\n").response("OK\n").check();
    assertThat(connection.spans()).extracting(s -> s.attributes().get("@name@.key")).containsExactly("a", "c");
    assertThat(context.count("oversized_lines")).isEqualTo(1);
  }

  @Test
  void otherProtocolsAreNotTaken() {
    TestConnection connection = TestConnection.atServer(protocol());
    connection.request("GET / HTTP/1.1\r\n\r\n").response("HTTP/1.1 200 OK\r\n\r\n");
    connection.connect().request("\0\1STORE a b\n").response("OK\n").check();
    assertThat(connection.spans()).isEmpty();
  }
}
