package io.mop.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.control.ConfigError;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class YamlTest {
  private static List<String> problems(String yaml) {
    ConfigError error = catchThrowableOfType(ConfigError.class, () -> Samples.node(yaml));
    return error.problems();
  }

  static List<Arguments> broken() {
    return List.of(
        Arguments.of(
            "no colon", "a:\n  b: 1\n  c\nd: 2",
            "mop.yaml:4: could not find expected ':', while scanning a simple key (column 1)"),
        Arguments.of(
            "tab", "a:\n\tb: 1",
            "mop.yaml:2: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation),"
                + " while scanning for the next token (column 1)"),
        Arguments.of(
            "open list", "a: [1, 2\nb: 3",
            "mop.yaml:2: expected ',' or ']', but got :, while parsing a flow sequence (column 2)"),
        Arguments.of(
            "substitution between braces", "a: {b: ${env:PORT}}",
            "mop.yaml:1: expected ',' or '}', but got {, while parsing a flow mapping; ${…} inside { } or [ ] needs"
                + " quotes (column 9)"),
        Arguments.of("two documents", "a: 1\n---\nb: 2", "mop.yaml:2: a second document; expected one"),
        Arguments.of(
            "undefined alias", "a: 1\npassword: *hunter2",
            "mop.yaml:2: an alias without an anchor above it; text that starts with * needs quotes"),
        Arguments.of(
            "alias of its own anchor", "a: &a [*a]",
            "mop.yaml:1: an alias without an anchor above it; text that starts with * needs quotes"),
        Arguments.of(
            "tag", "password: !hunter2", "mop.yaml:1: tags are not supported; text that starts with ! needs quotes"),
        Arguments.of(
            "tag handle", "password: !hunter2!x",
            "mop.yaml:1: found an undefined tag handle, while parsing a node (column 11)"),
        Arguments.of("list as key", "? [a]\n: b", "mop.yaml:1: a key that is not text"),
        Arguments.of("no key", "a: {'': b}", "mop.yaml:1: a value without a key"),
        Arguments.of("set twice", "a:\n  b: 1\n  c: 2\n  b: 3", "mop.yaml:4: a.b: set twice; first in line 2"),
        Arguments.of("bad merge", "a: {<<: 3}", "mop.yaml:1: <<: expected an alias of a map, or a list of them"),
        Arguments.of("control character", "a: 1\nb: \u0001", "mop.yaml:2: character U+0001 is not allowed in YAML"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("broken")
  void whatIsNotYaml(String name, String yaml, String problem) {
    assertThat(problems(yaml)).containsExactly(problem);
  }

  @Test
  void placesAreKeptFromOne() throws Exception {
    Node root = Samples.node("a:\n  - b: c");
    var map = (Node.Mapping) root;
    assertThat(map.entries().get("a")).extracting(Node.Entry::line, Node.Entry::column).containsExactly(1, 1);
    var item = ((Node.Items) map.entries().get("a").value()).values().get(0);
    assertThat(List.of(item.line(), item.column())).containsExactly(2, 5);
    assertThat(((Node.Mapping) item).entries().get("b").value().column()).isEqualTo(8);
  }

  @Test
  void mergesAndAliases() throws Exception {
    record One(Map<String, Map<String, String>> m) {}
    One one =
        Samples.binder(
                """
                m:
                  base: &base {a: 1, b: 2}
                  more: &more {b: 3, c: 4}
                  x: {<<: *base, b: 5}
                  y: {<<: [*base, *more]}
                  z: *base
                """)
            .bind(One.class);
    assertThat(one.m())
        .containsEntry("x", Map.of("a", "1", "b", "5"))
        .containsEntry("y", Map.of("a", "1", "b", "2", "c", "4"))
        .containsEntry("z", Map.of("a", "1", "b", "2"));
  }

  @Test
  void depthIsBounded() throws Exception {
    assertThat(Samples.node("[".repeat(60) + "]".repeat(60))).isInstanceOf(Node.Items.class);
    assertThat(problems("[".repeat(100_000))).containsExactly("mop.yaml:1: nested deeper than 64 levels");
    assertThat(problems("- ".repeat(100_000))).containsExactly("mop.yaml:1: nested deeper than 64 levels");
    assertThat(problems("{a: ".repeat(100_000))).containsExactly("mop.yaml:1: nested deeper than 64 levels");
  }

  @Test
  void aliasesCountWhereTheyAreUsed() {
    var laughs = new StringBuilder("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for (int i = 1; i < 10; i++)
      laughs.append("a").append(i).append(": &a").append(i).append(" [").append(("*a" + (i - 1) + ", ").repeat(9))
          .append("*a").append(i - 1).append("]\n");
    assertThat(problems(laughs.toString()))
        .containsExactly("mop.yaml:6: more than 250,000 values, counting each use of an alias");
    String long_ = "a: &a '" + "x".repeat(1_000_000) + "'\nb: [" + "*a, ".repeat(20) + "]";
    assertThat(problems(long_))
        .containsExactly("mop.yaml:2: more than 250,000 values, counting each use of an alias");
  }

  @Test
  void nothingAndText() throws Exception {
    for (String nothing : List.of("~", "null", "", "NULL"))
      assertThat(((Node.Mapping) Samples.node("a: " + nothing)).entries().get("a").value().isNull()).isTrue();
    for (String text : List.of("'null'", "\"\"", "!!str null", "no", "nil"))
      assertThat(((Node.Mapping) Samples.node("a: " + text)).entries().get("a").value().isNull()).isFalse();
  }
}
