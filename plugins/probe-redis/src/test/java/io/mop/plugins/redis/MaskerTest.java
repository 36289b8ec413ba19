package io.mop.plugins.redis;

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
  private static final List<String> VALUES = List.of("MARK", "4711", "secret", "mark");
  private final TestContext context = new TestContext("protocols.redis");

  private List<String> left(Conversation c) {
    return new MaskerHarness(() -> Tap.protocol(context), VALUES, Set.of()).check(c);
  }

  @ParameterizedTest
  @ValueSource(strings = {"attributes", "blocking", "cli2", "cli3", "inline", "monitor", "pipeline", "silent",
      "subscriber2", "subscriber3", "transactions"})
  void recorded(String name) {
    left(Conversation.read(MaskerTest.class, name + ".txt"));
  }

  @Test
  void commandsLoseTheirArguments() {
    List<String> left = left(Conversation.empty()
        .request(Tap.array("SET", "MARK1", "MARK2")).response("+OK\r\n")
        .request(Tap.array("AUTH", "MARK3", "MARK4")).response("-WRONGPASS MARK5\r\n")
        .request(Tap.array("CLIENT", "SETNAME", "MARK6")).response("+MARK7\r\n")
        .request(Tap.array("MARKED", "MARK8")).response("-MARK9 unknown\r\n")
        .request(Tap.array("SELECT", "3")).response("+OK\r\n")
        .request("get \"MARK 1\"  MARK2\r\n").response(":4711\r\n")
        .request(Tap.array("SET", "k", "MARK".repeat(40))).response("+OK\r\n"));
    assertThat(left.get(0)).startsWith(Tap.array("SET", "xxxxx", "xxxxx") + Tap.array("AUTH", "xxxxx", "xxxxx")
        + Tap.array("CLIENT", "SETNAME", "xxxxx") + Tap.array("xxxxxx", "xxxxx") + Tap.array("SELECT", "3")
        + "get xxxxxxxx  xxxxx\r\n");
    assertThat(left.get(1)).isEqualTo("+OK\r\n-WRONGPASS xxxxx\r\n+xxxxx\r\n-xxxxxxxxxxxxx\r\n+OK\r\n:0000\r\n+OK\r\n");
  }

  @Test
  void repliesLoseWhatTheySay() {
    List<String> left = left(Conversation.empty()
        .request(Tap.array("LRANGE", "k", "0", "-1"))
        .response("*4\r\n" + Tap.bulk("MARK1") + ",4711.5\r\n(4711\r\n=9\r\ntxt:MARK2\r\n")
        .request(Tap.array("SUBSCRIBE", "MARK3"))
        .response("*3\r\n" + Tap.bulk("subscribe") + Tap.bulk("MARK3") + ":1\r\n")
        .response("*3\r\n" + Tap.bulk("message") + Tap.bulk("MARK3") + Tap.bulk("MARK4")));
    assertThat(left.get(1)).isEqualTo("*4\r\n" + Tap.bulk("xxxxx") + ",000000\r\n(0000\r\n=9\r\nxxxxxxxxx\r\n"
        + "*3\r\n" + Tap.bulk("subscribe") + Tap.bulk("xxxxx") + ":1\r\n"
        + "*3\r\n" + Tap.bulk("message") + Tap.bulk("xxxxx") + Tap.bulk("xxxxx"));
  }
}
