package io.mop.plugins.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.TestSpan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisProbeTest {
  @Test
  void aServerSpan() {
    TestSpan span = Tap.server().command("SET", "k", "v").response("+OK\r\n").spans().get(0);
    assertThat(span.name()).isEqualTo("SET");
    assertThat(span.kind()).isEqualTo(2);
    assertThat(span.status()).isZero();
    assertThat(span.end() - span.start()).isEqualTo(1000);
    assertThat(span.attributes())
        .isEqualTo(
            Map.of("db.system.name", "redis", "db.operation.name", "SET", "db.query.text", "SET ? ?",
                "server.address", "127.0.0.1", "server.port", 8080L, "client.address", "127.0.0.2",
                "network.peer.address", "127.0.0.2", "network.peer.port", 50000L));
  }

  @Test
  void aClientSpanOfAnError() {
    TestSpan span =
        Tap.client().command("incr", "k").response("-WRONGTYPE Operation against a key\r\n").spans().get(0);
    assertThat(span.name()).isEqualTo("INCR");
    assertThat(span.kind()).isEqualTo(3);
    assertThat(span.status()).isEqualTo(2);
    assertThat(span.attributes()).containsEntry("db.response.status_code", "WRONGTYPE")
        .containsEntry("error.type", "WRONGTYPE");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "-ERR unknown command 'x', ERR, ERR", "-MOVED 3999 10.0.0.1:6381, MOVED, MOVED", "-NOSCRIPT, NOSCRIPT, NOSCRIPT",
    "-hunter2 is wrong, _OTHER, ", "-HUNTERTWO, _OTHER, ", "-, _OTHER, ", "-ERRX y, _OTHER, ",
    "!21\\r\\nSYNTAX invalid syntax, SYNTAX, SYNTAX", "!3\\r\\nERR, ERR, ERR", "!0\\r\\n, _OTHER, "
  })
  void errors(String reply, String type, String code) {
    Map<String, Object> a =
        Tap.server().command("GET", "k").response(reply.replace("\\r\\n", "\r\n") + "\r\n").spans().get(0).attributes();
    assertThat(a.get("error.type")).isEqualTo(type);
    assertThat(a.get("db.response.status_code")).isEqualTo(code);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "client|list, CLIENT LIST, CLIENT LIST", "Config|sEt|maxmemory|1, CONFIG SET, CONFIG SET ? ?",
    "client what, other, ", "HGETALL|h, HGETALL, HGETALL ?", "JSON.SET|a|$|1, JSON.SET, JSON.SET ? ? ?",
    "MSET|a|1|b|2|c|3|d|4, MSET, MSET ? ? ? ? ? ? ? ?", "MSET|a|1|b|2|c|3|d|4|e|5, MSET, MSET ? ? ? ? ? ? ? ? ...",
    "s3cr3t|a, other, ", "CLIENT|hunter2, CLIENT, CLIENT ?", "AUTH|default|hunter2, AUTH, AUTH ? ?",
    "HELLO|3|AUTH|u|p|SETNAME|n, HELLO, HELLO ? ? ? ? ? ?"
  })
  void names(String words, String name, String text) {
    Tap tap = Tap.server().command("PING").response("+PONG\r\n");
    tap.command(words.split("\\|")).response("+OK\r\n");
    assertThat(tap.spans().get(1).name()).isEqualTo(name);
    assertThat(tap.spans().get(1).attributes().get("db.operation.name")).isEqualTo(name);
    assertThat(tap.spans().get(1).attributes().get("db.query.text")).isEqualTo(text);
  }

  @Test
  void pipeliningOfDepth32() {
    Tap tap = Tap.server();
    List<String> expected = new ArrayList<>();
    for (int round = 0; round < 10; round++) {
      StringBuilder commands = new StringBuilder();
      StringBuilder replies = new StringBuilder();
      for (int i = 0; i < 32; i++) {
        boolean fails = (round + i) % 3 == 0;
        commands.append(fails ? Tap.array("LPUSH", "k", "v") : Tap.array("GET", "k"));
        replies.append(fails ? "-WRONGTYPE x\r\n" : Tap.bulk("value" + i));
        expected.add(fails ? "LPUSH !WRONGTYPE" : "GET");
      }
      tap.request(commands.toString()).response(replies.toString());
    }
    assertThat(tap.exchanges()).isEqualTo(expected);
  }

  @Test
  void cutValuesArePassedOver() {
    Tap tap = Tap.server();
    tap.data(true, "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$50000\r\n" + "x".repeat(20_000), 1024);
    tap.data(true, "x".repeat(30_000) + "\r\n", 64).response("+OK\r\n");
    tap.command("GET", "k").data(false, "$50000\r\n" + "x".repeat(20_000), 100).data(false, "x".repeat(30_002), 0);
    assertThat(tap.exchanges()).containsExactly("SET", "GET");
    assertThat(tap.spans().get(1).end() - tap.spans().get(1).start()).as("up to the last cut byte").isEqualTo(2000);
  }

  @Test
  void aCutNameIsAnIncompleteExchange() {
    Tap tap = Tap.server().command("GET", "k").response("+a\r\n");
    tap.data(true, Tap.array("STRLEN", "k"), 10).response(":1\r\n").command("TTL", "k").response(":1\r\n");
    assertThat(tap.exchanges()).containsExactly("GET", "TTL");
    assertThat(tap.connection.count("exchanges_incomplete", "cut")).isEqualTo(1);
    assertThat(tap.counted()).isEmpty();
  }

  @Test
  void afterALossTheDatabaseIsNotKnown() {
    Tap tap = Tap.server().command("SELECT", "200").response("+OK\r\n").command("GET", "k").response("+a\r\n");
    tap.lose(true, 20).response("+OK\r\n").command("TTL", "k").response(":1\r\n");
    tap.command("STRLEN", "k").response(":1\r\n");
    assertThat(tap.exchanges()).startsWith("SELECT @200", "GET @200").contains("STRLEN")
        .noneMatch(s -> s.startsWith("STRLEN @"));
  }

  @Test
  void streamedValuesAndAttributes() {
    Tap tap = Tap.server();
    tap.command("GET", "a").response("$?\r\n;4\r\n$1\r\n\r\n;2\r\nab\r\n;0\r\n");
    tap.command("KEYS", "*").response("*?\r\n:1\r\n*2\r\n$?\r\n;0\r\n_\r\n%?\r\n+a\r\n~0\r\n.\r\n.\r\n");
    tap.command("TTL", "a").response("|1\r\n+ttl\r\n|1\r\n+x\r\n:1\r\n:3600\r\n:1\r\n");
    tap.command("ZSCORE", "z", "m").response(",inf\r\n").command("DBSIZE").response("*-1\r\n");
    tap.command("TIME").response("*2\r\n#t\r\n(-349999999999999999999999999\r\n");
    assertThat(tap.exchanges()).containsExactly("GET", "KEYS", "TTL", "ZSCORE", "DBSIZE", "TIME");
    assertThat(tap.counted()).isEmpty();
  }

  @Test
  void depthIsBounded() {
    Tap tap = Tap.server().command("EVAL", "s", "0").response("*1\r\n".repeat(128) + ":1\r\n");
    tap.command("EVAL", "s", "0").response("*1\r\n".repeat(129) + ":1\r\n");
    tap.command("GET", "k").response("+a\r\n");
    assertThat(tap.exchanges()).containsExactly("EVAL", "GET");
    assertThat(tap.counted()).isEqualTo(Map.of("malformed_messages", 1L));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "$x\r\n", "$-2\r\n", "*1\n", "?\r\n", "$9999999999999999\r\n", ";1\r\n", "*1\r\n.\r\n", ".\r\n", "|-1\r\n",
        "$?\r\n:1\r\n", "hello\r\n"
      })
  void whatIsNoReplyIsNotFollowed(String reply) {
    Tap tap = Tap.server().command("GET", "k").response("+a\r\n").command("STRLEN", "k").response(reply);
    tap.command("TTL", "k").response(":1\r\n").command("TYPE", "k").response("+string\r\n");
    assertThat(tap.exchanges()).startsWith("GET").endsWith("TYPE").doesNotContain("STRLEN");
    assertThat(tap.counted()).isEqualTo(Map.of("malformed_messages", 1L));
  }

  /** Replies that look like published messages are replies where nothing is subscribed to. */
  @Test
  void aListThatLooksLikeAMessageIsAReply() {
    Tap tap = Tap.server().command("LRANGE", "l", "0", "-1");
    tap.response("*3\r\n" + Tap.bulk("message") + Tap.bulk("c") + Tap.bulk("x"));
    tap.command("SMEMBERS", "s").response("*3\r\n" + Tap.bulk("subscribe") + Tap.bulk("c") + ":1\r\n");
    tap.command("LLEN", "l").response("*3\r\n" + Tap.bulk("smessage") + Tap.bulk("c") + Tap.bulk("x"));
    assertThat(tap.exchanges()).containsExactly("LRANGE", "SMEMBERS", "LLEN");
    assertThat(tap.counted()).isEmpty();
  }

  @Test
  void aSubscriberSeenLate() {
    String message = "*3\r\n" + Tap.bulk("message") + Tap.bulk("c") + Tap.bulk("x");
    Tap tap = Tap.client().response(message).command("PING").response(message);
    tap.response("*2\r\n" + Tap.bulk("pong") + Tap.bulk("")).response(message);
    tap.command("UNSUBSCRIBE").response("*3\r\n" + Tap.bulk("unsubscribe") + Tap.bulk("c") + ":0\r\n");
    tap.command("LRANGE", "l", "0", "-1").response(message);
    assertThat(tap.exchanges()).containsExactly("PING", "UNSUBSCRIBE", "LRANGE");
    assertThat(tap.counted()).isEqualTo(Map.of("pushed_messages", 3L));
    assertThat(tap.count("responses_unmatched")).isZero();
  }

  /** Without it, the commands before would be paired with the replies to those behind. */
  @Test
  void repliesTurnedOffBeforeCaptureAreNotGuessed() {
    Tap tap = Tap.server().command("INCR", "a").command("DECR", "a");
    tap.command("CLIENT", "REPLY", "ON").response("+OK\r\n").command("STRLEN", "a").response(":1\r\n");
    tap.connection.later(2_000_000_000L);
    tap.command("TTL", "a").response(":1\r\n");
    assertThat(tap.exchanges()).doesNotContain("INCR", "DECR", "CLIENT REPLY").endsWith("TTL");
    assertThat(tap.count("exchanges_incomplete")).isGreaterThanOrEqualTo(3);
  }

  @Test
  void aReplicaIsLeft() {
    Tap tap = Tap.server().command("REPLCONF", "capa", "eof").response("+OK\r\n").command("PSYNC", "?", "-1");
    tap.response("\n").response("\n+FULLRESYNC 0123 0\r\n").response("$EOF:0123\r\nREDIS0010").command("PING");
    assertThat(tap.exchanges()).containsExactly("REPLCONF", "PSYNC");
    Tap old = Tap.server().command("PING").response("+PONG\r\n").command("SYNC").response("\n$EOF:0123\r\nREDIS0010");
    assertThat(old.exchanges()).containsExactly("PING", "SYNC");
    for (Tap t : List.of(tap, old)) {
      assertThat(t.connection.count("connections_left", "replication")).isEqualTo(1);
      assertThat(t.count("exchanges_incomplete")).isZero();
    }
  }

  @Test
  void valuesKeysAndCredentialsDoNotLeave() {
    Tap tap = Tap.server().command("AUTH", "s3cr3t").response("-WRONGPASS s3cr3t\r\n").command("HELLO", "3", "AUTH",
        "s3cr3t", "s3cr3t").response("-S3CR3T\r\n").request("s3cr3t s3cr3t\r\n").response("-SECRET s3cr3t\r\n");
    tap.command("CONFIG", "s3cr3t").response("-s3cr3t\r\n").command("SECRET").response("+s3cr3t\r\n");
    tap.command("SELECT", "s3cr3t").response("+OK\r\n").command("GET", "s3cr3t").response(Tap.bulk("s3cr3t"));
    assertThat(tap.spans()).hasSize(7);
    assertThat(tap.spans().toString()).doesNotContainIgnoringCase("s3cr3t").doesNotContainIgnoringCase("secret");
  }
}
