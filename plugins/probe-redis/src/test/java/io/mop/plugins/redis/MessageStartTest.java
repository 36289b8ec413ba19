package io.mop.plugins.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageStartTest {
  /** Whether a connection that begins so is taken for Redis, and its first exchange seen. */
  static boolean starts(String request) {
    return !Tap.server().request(request).response("+OK\r\n").spans().isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*1\r\n$4\r\nPING\r\n", "*1\r\n$4\r\nping\r\n*1\r\n$4\r\nPING\r\n", "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n",
        "*2\r\n$6\r\nCLIENT\r\n$4\r\nLIST\r\n", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\nx", "lpush l a b\r\n",
        "HGETALL h\n"
      })
  void ofRedis(String request) {
    assertThat(starts(request)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "get key\r\n", "set key 0 0 5\r\nhello\r\n", "PING\r\n", "QUIT\r\n",
        "AUTH PLAIN\r\n", "EHLO example.com\r\n", "*1\r\n$5\r\nHELLO there\r\n",
        "*4\r\n$4\r\ntype\r\n$4\r\nhash\r\n$3\r\nset\r\n$1\r\n1\r\n", "*2\r\n$3\r\nGET\r\n:1\r\n", "*-1\r\n",
        "*0\r\n",
        "*3\r\n$5\r\nhallo\r\n$5\r\nworld\r\n$1\r\n!\r\n", "$5\r\nhello\r\n", "+OK\r\n", "\0\0\0\10\4\322\26\57",
        "*2\r\n$9\r\nsubscribe\r\n:1\r\n", "\26\3\1\2\0\1\0\1", "*99999999999999\r\n$4\r\nPING\r\n", "\r\n", "- x\r\n"
      })
  void ofOthers(String request) {
    Tap tap = Tap.server().request(request).response("+OK\r\n");
    assertThat(tap.spans()).isEmpty();
    assertThat(tap.count("exchanges")).isZero();
  }

  /** What cannot become a command is not held back until its line ends. */
  @ParameterizedTest
  @ValueSource(strings = {"a text that has no end", "lpushed ", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"})
  void aLineThatBecomesNoCommand(String line) {
    assertThat(Tap.server().request(line).connection.check().count("stream_bytes")).isZero();
  }

  /** To a process that does not listen on a port, such as one that serves on a Unix socket, only content tells. */
  @Test
  void aReplyIsNoCommandThatAServerReceives() {
    Tap tap = Tap.client().response("*4\r\n$4\r\ntype\r\n$4\r\nhash\r\n$3\r\nset\r\n$1\r\n1\r\n");
    tap.command("GET", "k").response("$1\r\nv\r\n");
    assertThat(tap.spans()).singleElement().satisfies(s -> assertThat(s.kind()).isEqualTo(3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "+PONG\r\n", ">3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n", "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$1\r\nx\r\n",
        "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n$1\r\nc\r\n$1\r\nx\r\n"
      })
  void whatOnlyAServerSays(String said) {
    Tap tap = Tap.server().response(said).request("ping\r\n").response("+PONG\r\n");
    assertThat(tap.exchanges()).as("a line is enough where Redis was recognised").containsExactly("PING");
    assertThat(tap.connection.count("responses_unmatched")).isZero();
  }
}
