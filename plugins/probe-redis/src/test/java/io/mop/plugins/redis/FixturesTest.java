package io.mop.plugins.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.Conversation;
import io.mop.testkit.Conversation.Part;
import io.mop.testkit.ProtocolHarness;
import io.mop.testkit.TestContext;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What real clients and a real server said gives the same exchanges wherever it is cut, and none else if disturbed. */
class FixturesTest {
  /**
   * @param pushes messages that no command asked for
   * @param exchanges as {@link Tap#exchanges} has them
   */
  record Fixture(String name, long pushes, String... exchanges) {
    Conversation conversation() {
      return Conversation.read(FixturesTest.class, name + ".txt");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Fixture> fixtures() {
    return Stream.of(
        new Fixture("cli2", 0, "SELECT @3", "SET @3", "APPEND @3", "LPUSH @3 !WRONGTYPE", "STRLEN @3", "HSET @3",
            "HGETALL @3", "GETRANGE @3", "SELECT @3 !ERR", "MULTI @3", "INCR @3", "RPUSH @3", "LLEN @3",
            "EXEC @3 x3 !WRONGTYPE", "OBJECT ENCODING @3", "other @3 !ERR", "SCAN @3"),
        new Fixture("cli3", 0, "HELLO", "HSET", "HGETALL", "SADD", "SMEMBERS", "ZADD", "ZSCORE", "GET", "EVAL",
            "ECHO", "CLIENT INFO", "SELECT @1", "DEBUG @1"),
        new Fixture("attributes", 0, "HELLO", "DEBUG", "HRANDFIELD", "SPOP", "LCS", "DEBUG", "DEBUG", "DEBUG",
            "SINTERCARD"),
        new Fixture("pipeline", 0, "PING", "SET", "GET", "INCR", "DECR", "APPEND", "INCRBY !ERR", "STRLEN", "GETSET",
            "SETNX", "LPUSH", "RPUSH", "LLEN", "LRANGE", "GETDEL !WRONGTYPE", "SADD", "SCARD", "SMEMBERS", "ZADD",
            "ZCARD", "ZSCORE", "HSET", "HGET", "HLEN", "EXISTS", "TYPE", "TTL", "DEL", "DBSIZE", "ECHO", "TIME",
            "XLEN"),
        new Fixture("transactions", 0, "WATCH", "MULTI", "SET", "EXEC", "MULTI", "GET", "INCR", "SELECT", "LLEN",
            "EXEC x4", "MULTI", "other !ERR", "STRLEN", "EXEC !EXECABORT", "MULTI", "TTL", "DISCARD", "SELECT @4",
            "DBSIZE @4", "EXEC @4 !ERR", "RESET @0", "EXISTS @0"),
        new Fixture("subscriber2", 4, "SET", "SUBSCRIBE", "PSUBSCRIBE", "PING", "GET !ERR", "UNSUBSCRIBE",
            "PUNSUBSCRIBE", "STRLEN", "UNSUBSCRIBE", "TTL"),
        new Fixture("subscriber3", 2, "HELLO", "SUBSCRIBE", "SET", "CLIENT TRACKING", "GET", "SSUBSCRIBE",
            "SUNSUBSCRIBE", "UNSUBSCRIBE", "STRLEN"),
        new Fixture("monitor", 1, "PING", "MONITOR", "RESET @0", "GET @0"),
        new Fixture("inline", 0, "LPUSH", "PING", "LRANGE", "CLIENT GETNAME", "other !ERR", "DBSIZE", "TYPE", "LLEN",
            "QUIT"),
        new Fixture("silent", 0, "SET", "CLIENT REPLY", "INCR", "STRLEN", "CLIENT REPLY", "APPEND", "TTL",
            "CLIENT REPLY", "GETDEL"),
        new Fixture("blocking", 0, "BLPOP", "EXISTS", "BLMOVE", "WAIT", "BRPOP"));
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void asItIs(Fixture f) {
    TestContext context = new TestContext("protocols.redis");
    ProtocolHarness harness = new ProtocolHarness(() -> Tap.protocol(context));
    assertThat(Tap.exchanges(harness.whole(f.conversation()))).containsExactly(f.exchanges());
    assertThat(context.counted().getOrDefault("pushed_messages", 0L)).isEqualTo(f.pushes());
    harness.split(f.conversation());
    assertThat(context.counted()).doesNotContainKey("malformed_messages");
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void disturbed(Fixture f) {
    ProtocolHarness harness = new ProtocolHarness(() -> Tap.protocol(new TestContext("protocols.redis")));
    Conversation conversation = withoutDatabase(f.conversation());
    harness.ended(conversation);
    harness.cut(conversation);
    harness.lost(conversation);
    harness.late(conversation);
  }

  /** After a loss the database is not known: without the commands that tell it, spans do not differ by it. */
  private static Conversation withoutDatabase(Conversation conversation) {
    List<Part> parts = new ArrayList<>(conversation.parts());
    for (int i = parts.size() - 2; i >= 0; i--) {
      Part p = parts.get(i);
      if (p.request() && p.bytes().matches("(?s)\\*[12]\r\n\\$[56]\r\n(SELECT|RESET)\r\n.*")) {
        parts.subList(i, i + 2).clear();
      }
    }
    return new Conversation(parts);
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void noValueLeaves(Fixture f) {
    ProtocolHarness harness = new ProtocolHarness(() -> Tap.protocol(new TestContext("protocols.redis")));
    assertThat(harness.whole(f.conversation()).toString()).doesNotContain("hello", "greeting", "s3cr3t", "nonsense");
  }
}
