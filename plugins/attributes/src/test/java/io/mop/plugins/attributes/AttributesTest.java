package io.mop.plugins.attributes;

import static io.mop.plugins.attributes.Actions.convert;
import static io.mop.plugins.attributes.Actions.copy;
import static io.mop.plugins.attributes.Actions.pattern;
import static io.mop.plugins.attributes.Actions.plain;
import static io.mop.plugins.attributes.Actions.rename;
import static io.mop.plugins.attributes.Actions.set;
import static io.mop.plugins.attributes.Actions.sha256;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.plugin.InvalidConfig;
import io.mop.plugins.attributes.Action.ConvertedType;
import io.mop.plugins.attributes.Action.Verb;
import io.mop.plugins.attributes.Attributes.Config;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import io.mop.testkit.TransformHarness;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AttributesTest {
  private static final String EXTRACT = "^(?P<c>[^-]*)-(?P<d>.*)$";

  private final TestContext context = new TestContext("processors.attributes");

  private static Config config(List<Action> actions) {
    return new Config(Optional.empty(), Optional.empty(), actions);
  }

  private TransformHarness harness(List<Action> actions) {
    return new TransformHarness(context, new Attributes().create(config(actions), context));
  }

  private List<Map<String, Object>> apply(List<Action> actions, List<Map<String, Object>> items) {
    List<TestSpan> spans = items.stream().map(item -> TestSpan.of("x").attributes(item)).toList();
    return harness(actions).apply(spans).stream().map(TestSpan::attributes).toList();
  }

  private static Arguments row(
      String name, Map<String, Object> in, Map<String, Object> out, Action... actions) {
    return Arguments.of(name, List.of(actions), in, out);
  }

  static Stream<Arguments> single() {
    Map<String, Object> a = Map.of("a", "1x");
    Map<String, Object> none = Map.of();
    return Stream.of(
        row("insert adds", none, Map.of("a", "new"), set("insert", "a", "new")),
        row("insert keeps", a, a, set("insert", "a", "new")),
        row("update leaves out", none, none, set("update", "a", "new")),
        row("update replaces", a, Map.of("a", "new"), set("update", "a", "new")),
        row("upsert adds", none, Map.of("a", "new"), set("upsert", "a", "new")),
        row("upsert replaces", a, Map.of("a", "new"), set("upsert", "a", "new")),
        row("an empty text", none, Map.of("a", ""), set("insert", "a", "")),
        row("int", none, Map.of("a", -7L), set("insert", "a", -7L)),
        row("double", none, Map.of("a", 1500.0), set("insert", "a", 1500.0)),
        row("bool", none, Map.of("a", true), set("insert", "a", true)),
        row("a string of digits", none, Map.of("a", "7"), set("insert", "a", "7")),
        row("copies a string", a, Map.of("a", "1x", "b", "1x"), copy("insert", "b", "a")),
        row("copies an int", Map.of("a", 5L), Map.of("a", 5L, "b", 5L), copy("insert", "b", "a")),
        row("copies a double", Map.of("a", .5), Map.of("a", .5, "b", .5), copy("insert", "b", "a")),
        row("copies a bool", Map.of("a", false), Map.of("a", false, "b", false), copy("upsert", "b", "a")),
        row("copies nothing", Map.of("b", 1L), Map.of("b", 1L), copy("upsert", "b", "a")),
        row("copies itself", a, a, copy("upsert", "a", "a")),
        row("delete", Map.of("a", 1L, "b", 2L), Map.of("b", 2L), plain("delete", "a")),
        row("delete nothing", none, none, plain("delete", "a")),
        row("hash", a, Map.of("a", sha256("1x")), plain("hash", "a")),
        row("hash a number", Map.of("a", 12L), Map.of("a", sha256("12")), plain("hash", "a")),
        row("hash nothing", none, none, plain("hash", "a")),
        row("rename", a, Map.of("b", "1x"), rename("a", "b")),
        row("rename over another", Map.of("a", 1L, "b", 2L), Map.of("b", 1L), rename("a", "b")),
        row("rename nothing", Map.of("b", 2L), Map.of("b", 2L), rename("a", "b")));
  }

  static Stream<Arguments> sequences() {
    Map<String, Object> a = Map.of("a", "1x");
    return Stream.of(
        row("delete, insert", a, Map.of("a", "new"), plain("delete", "a"), set("insert", "a", "new")),
        row("insert, insert", Map.of(), Map.of("a", "x"), set("insert", "a", "x"), set("insert", "a", "y")),
        row("insert, copy", Map.of(), Map.of("a", "x", "b", "x"), set("insert", "a", "x"), copy("insert", "b", "a")),
        row("rename, copy", a, Map.of("b", "1x", "c", "1x"), rename("a", "b"), copy("insert", "c", "b")),
        row("rename, rename back", a, a, rename("a", "b"), rename("b", "a")),
        row("rename, delete", a, Map.of(), rename("a", "b"), plain("delete", "b")),
        row("swap", Map.of("a", 1L, "b", 2L), Map.of("a", 2L, "b", 1L),
            rename("a", "t"), rename("b", "a"), rename("t", "b")),
        row("hash, copy", a, Map.of("a", sha256("1x"), "b", sha256("1x")),
            plain("hash", "a"), copy("insert", "b", "a")),
        row("hash, hash, copy, delete", a, Map.of("b", sha256(sha256("1x"))),
            plain("hash", "a"), plain("hash", "a"), copy("insert", "b", "a"), plain("delete", "a")),
        row("extract", Map.of("a", "GET /x"), Map.of("a", "GET /x", "verb_1", "GET", "path", "/x"),
            pattern("extract", "a", "^(?P<verb_1>\\w+) (?<path>.*)")),
        row("extract replaces", Map.of("a", "é-1", "b", 5L), Map.of("a", "1", "b", "é"),
            pattern("extract", "a", "^(?P<b>\\w|é)-(?P<a>.)")),
        row("extract a group that takes no part", a, Map.of("a", "1x", "b", "", "c", "1"),
            pattern("extract", "a", "(?P<b>y)|(?P<c>\\d)")),
        row("extract without a match", a, a, pattern("extract", "a", "^(?P<b>y)")),
        row("extract from a number", Map.of("a", 1L), Map.of("a", 1L), pattern("extract", "a", "(?P<b>.)")),
        row("extract, copy", Map.of("a", "x-y"), Map.of("a", "x-y", "c", "x", "d", "y", "e", "y"),
            pattern("extract", "a", EXTRACT), copy("insert", "e", "d")),
        row("an escaped parenthesis names no group", Map.of("a", "(?P<x>"), Map.of("a", "(?P<x>", "b", "x>"),
            pattern("extract", "a", "\\(\\?P<(?P<b>.*)")),
        row("text to int", Map.of("a", "-12"), Map.of("a", -12L), convert("a", "int")),
        row("least int", Map.of("a", "-9223372036854775808"), Map.of("a", Long.MIN_VALUE), convert("a", "int")),
        row("greatest int", Map.of("a", "+9223372036854775807"), Map.of("a", Long.MAX_VALUE), convert("a", "int")),
        row("double to int", Map.of("a", -1.9), Map.of("a", -1L), convert("a", "int")),
        row("bool to int", Map.of("a", true), Map.of("a", 1L), convert("a", "int")),
        row("text to double", Map.of("a", "1e3"), Map.of("a", 1000.0), convert("a", "double")),
        row("int to double", Map.of("a", 2L), Map.of("a", 2.0), convert("a", "double")),
        row("int to text", Map.of("a", Long.MIN_VALUE), Map.of("a", "-9223372036854775808"), convert("a", "string")),
        row("double to text", Map.of("a", 3.0), Map.of("a", "3"), convert("a", "string")),
        row("bool to text", Map.of("a", false), Map.of("a", "false"), convert("a", "string")),
        row("convert, copy", Map.of("a", "7"), Map.of("a", 7L, "b", 7L), convert("a", "int"), copy("insert", "b", "a")),
        row("copy, update, copy", a, Map.of("a", "new", "b", "1x", "c", "new"),
            copy("insert", "b", "a"), set("update", "a", "new"), copy("insert", "c", "a")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"single", "sequences"})
  void actions(String name, List<Action> actions, Map<String, Object> in, Map<String, Object> out) {
    assertThat(apply(actions, List.of(in))).containsExactly(out);
    assertThat(context.count("uncopied")).isZero();
  }

  @Test
  void whatCannotBeCopiedIsCounted() {
    Map<String, Object> in = Map.of("a", List.of("x"));
    assertThat(apply(List.of(copy("insert", "b", "a"), set("insert", "b", "y")), List.of(in, in)))
        .allMatch(Map.of("a", List.of("x"), "b", "y")::equals);
    assertThat(context.count("uncopied")).isEqualTo(2);
  }

  /** Any sequence does what the same actions do one after the other on a plain map. */
  @Test
  void sequencesAgreeWithAnInterpreterOfTheDefinition() {
    Random random = new Random(7);
    List<String> keys = List.of("a", "b", "c", "d");
    for (int round = 0; round < 30_000; round++) {
      List<Action> actions = new ArrayList<>();
      for (int i = random.nextInt(8); i >= 0; i--) actions.add(randomAction(random, keys));
      List<Map<String, Object>> items = new ArrayList<>();
      List<Map<String, Object>> expected = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Map<String, Object> item = new TreeMap<>();
        for (String key : keys) {
          Object[] choice = {key + "-text", 42L, 0.25, true};
          if (random.nextBoolean()) item.put(key, choice[random.nextInt(choice.length)]);
        }
        items.add(item);
        Map<String, Object> result = new TreeMap<>(item);
        for (Action action : actions) interpret(action, result);
        expected.add(result);
      }
      assertThat(apply(actions, items)).as("%s on %s", actions, items).isEqualTo(expected);
    }
  }

  private static Action randomAction(Random random, List<String> keys) {
    String key = keys.get(random.nextInt(4));
    String other = keys.get(random.nextInt(4));
    Verb verb = Verb.values()[random.nextInt(Verb.values().length)];
    String name = verb.name();
    if (verb == Verb.RENAME) return other.equals(key) ? plain("delete", key) : rename(key, other);
    if (verb == Verb.EXTRACT) return pattern(name, key, EXTRACT);
    if (verb == Verb.CONVERT) return convert(key, ConvertedType.values()[random.nextInt(3)].name());
    if (!verb.sets()) return plain(name, key);
    return random.nextBoolean() ? copy(name, key, other) : set(name, key, (long) random.nextInt(9));
  }

  /** Of the texts here only a hash is so long; it has no dash, and is no number. */
  private static boolean isHash(String text) {
    return text.length() == 64;
  }

  private static Object converted(Object now, ConvertedType to) {
    boolean number = now instanceof String s && s.matches("\\d{1,18}");
    return switch (to) {
      case STRING -> now instanceof Double d ? d == Math.rint(d) ? "" + d.longValue() : "" + d : now.toString();
      case INT -> now instanceof Double d ? (Object) d.longValue() : now instanceof Boolean b ? (Object) (b ? 1L : 0L)
          : number ? (Object) Long.parseLong((String) now) : now;
      case DOUBLE -> now instanceof Long n ? (Object) n.doubleValue()
          : now instanceof Boolean b ? (Object) (b ? 1.0 : 0.0)
          : number || now.equals("0.25") ? (Object) Double.parseDouble((String) now) : now;
    };
  }

  private static void interpret(Action action, Map<String, Object> item) {
    Object now = item.get(action.key());
    Object value = action.value().orElse(action.fromAttribute().map(item::get).orElse(null));
    switch (action.action()) {
      case INSERT -> {
        if (now == null && value != null) item.put(action.key(), value);
      }
      case UPDATE -> {
        if (now != null && value != null) item.put(action.key(), value);
      }
      case UPSERT -> {
        if (value != null) item.put(action.key(), value);
      }
      case EXTRACT -> {
        if (now instanceof String text && !isHash(text) && text.contains("-")) {
          item.put("c", text.substring(0, text.indexOf('-')));
          item.put("d", text.substring(text.indexOf('-') + 1));
        }
      }
      case CONVERT -> {
        if (now != null) item.put(action.key(), converted(now, action.convertedType().orElseThrow()));
      }
      case DELETE -> item.remove(action.key());
      case HASH -> {
        if (now != null) item.put(action.key(), sha256(now));
      }
      case RENAME -> {
        if (now != null) {
          item.remove(action.key());
          item.put(action.newKey().orElseThrow(), now);
        }
      }
    }
  }

  @Test
  void nothingIsAllocatedPerItem() {
    TransformHarness harness =
        harness(
            List.of(
                set("insert", "env", "production"), copy("upsert", "b", "a"), plain("hash", "a"),
                plain("delete", "gone"), rename("old", "new")));
    List<TestSpan> spans =
        Collections.nCopies(
            1_000, TestSpan.of("x").attribute("a", "x").attribute("old", "y").attribute("gone", "z"));
    Map<String, Object> expected = Map.of("env", "production", "b", "x", "a", sha256("x"), "new", "y");
    assertThat(harness.apply(spans)).hasSize(1_000).allMatch(s -> s.attributes().equals(expected));
    assertThat(harness.allocated(spans)).as("bytes for 1,000 items").isLessThan(1_000);
  }

  @ParameterizedTest
  @CsvSource({"x,int", "'',int", "-,int", "9223372036854775808,int", "1.5,int", "x,double", "0x1,double", "1d,double"})
  void whatCannotBeConvertedStaysAndIsCounted(String text, String type) {
    assertThat(apply(List.of(convert("a", type)), List.of(Map.of("a", text)))).containsExactly(Map.of("a", text));
    assertThat(apply(List.of(convert("a", type)), List.of(Map.of("a", List.of(1L))))).containsExactly(
        Map.of("a", List.of(1L)));
    assertThat(context.count("unconverted")).isEqualTo(2);
  }

  @Test
  void deletesByPattern() {
    List<Action> actions = List.of(pattern("delete", "", "^http\\."), pattern("delete", "", "(?i)TOKEN"));
    assertThat(apply(actions, List.of(Map.of("http.route", 1L, "my.token", "x", "http", Map.of("http.a", "b")))))
        .containsExactly(Map.of("http", Map.of("http.a", "b")));
    List<Action> mixed = List.of(pattern("delete", "", "a"), plain("delete", "b"));
    assertThat(catchThrowableOfType(InvalidConfig.class, () -> harness(mixed)))
        .hasMessageContaining("in a processor of its own");
  }

  @Test
  void noActionsAreAMistake() {
    assertThat(catchThrowableOfType(InvalidConfig.class, () -> config(List.of())).key()).isEqualTo("actions");
  }
}
