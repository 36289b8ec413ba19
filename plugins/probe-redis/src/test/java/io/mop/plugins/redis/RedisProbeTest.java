package io.mop.plugins.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.capture.Counters;
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
                "server.address", "127.0.0.1", "server.port", 8080L, "network.peer.address", "127.0.0.2",
                "network.peer.port", 50000L));
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
}
