package io.mop.plugins.attributes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.data.Signal;
import io.mop.api.plugin.InvalidConfig;
import io.mop.plugins.attributes.Action.ConvertedType;
import io.mop.plugins.attributes.Action.Verb;
import io.mop.plugins.attributes.Attributes.Config;
import io.mop.plugins.attributes.Match.Attribute;
import io.mop.plugins.attributes.Match.MatchType;
import io.mop.testkit.TestBatch;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import io.mop.testkit.TransformHarness;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class AttributesTest {
  private static final String EXTRACT = "^(?P<c>[^-]*)-(?P<d>.*)$";

  private final TestContext context = new TestContext("processors.attributes");

  static Action action(String verb, String key, Object value, String from, String newKey) {
    return new Action(
        key,
        Verb.valueOf(verb.toUpperCase(Locale.ROOT)),
        Optional.ofNullable(value),
        Optional.ofNullable(from),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.ofNullable(newKey));
  }

  private static Action pattern(String verb, String key, String pattern) {
    return new Action(key, Verb.valueOf(verb.toUpperCase(Locale.ROOT)), Optional.empty(), Optional.empty(),
        Optional.empty(), Optional.ofNullable(pattern), Optional.empty(), Optional.empty());
  }

  private static Action convert(String key, String type) {
    return new Action(key, Verb.CONVERT, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(),
        Optional.ofNullable(type).map(t -> ConvertedType.valueOf(t.toUpperCase(Locale.ROOT))), Optional.empty());
  }

  static Action set(String verb, String key, Object value) {
    return action(verb, key, value, null, null);
  }

  static Action copy(String verb, String key, String from) {
    return action(verb, key, null, from, null);
  }

  static Action plain(String verb, String key) {
    return action(verb, key, null, null, null);
  }

  static Action rename(String key, String newKey) {
    return action("rename", key, null, null, newKey);
  }

  static String sha256(Object value) {
    try {
      byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

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

  @ParameterizedTest(name = "{0} {1} value={2} from={3} new_key={4}")
  @CsvSource({
    "insert,'',x,,,key,an attribute's key",
    "insert,a,,,,action,with insert either value or from_attribute",
    "upsert,a,x,b,,action,with upsert either value or from_attribute",
    "insert,a,,'',,from_attribute,an attribute's key",
    "insert,a,x,,b,new_key,no new_key with insert here",
    "delete,a,x,,,value,no value with delete here",
    "delete,'',,,,key,with delete either key or pattern",
    "hash,a,,b,,from_attribute,no from_attribute with hash here",
    "extract,a,,,,pattern,a regular expression with groups that have names",
    "convert,a,,,,converted_type,'int, double or string'",
    "rename,a,,,,new_key,the key that rename gives",
    "rename,a,,,a,new_key,another key than a",
    "rename,a,,,'',new_key,the key that rename gives"})
  void aWrongActionIsOneSentence(
      String verb, String key, String value, String from, String newKey, String at, String expected) {
    InvalidConfig e = catchThrowableOfType(InvalidConfig.class, () -> action(verb, key, value, from, newKey));
    assertThat(e).isNotNull();
    assertThat(e.key()).isEqualTo(at);
    assertThat(e).hasMessageContaining(expected);
  }

  @Test
  void aWrongPatternIsOneSentence() {
    for (Runnable wrong : List.<Runnable>of(
        () -> pattern("extract", "a", "(?P<b>"), () -> pattern("extract", "a", "(b)"),
        () -> pattern("insert", "a", "b"), () -> pattern("delete", "", "["))) {
      InvalidConfig e = catchThrowableOfType(InvalidConfig.class, wrong::run);
      assertThat(e == null ? "nothing" : e.key()).isIn("pattern", "action");
    }
    assertThat(catchThrowableOfType(InvalidConfig.class, () -> pattern("delete", "a", "b")).key()).isEqualTo("key");
    assertThat(catchThrowableOfType(InvalidConfig.class, () -> new Action("a", Verb.UPSERT, Optional.empty(),
        Optional.empty(), Optional.of("auth.subject"), Optional.empty(), Optional.empty(), Optional.empty())))
        .hasMessageContaining("does not keep the headers");
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

  private static Match match(MatchType type, List<String> services, List<String> names, List<Attribute> attributes) {
    return new Match(type, services, names, List.of(), List.of(), attributes, List.of());
  }

  private List<String> touched(Optional<Match> include, Optional<Match> exclude) {
    Attributes plugin = new Attributes();
    Config config = new Config(include, exclude, List.of(set("insert", "touched", true)));
    List<TestSpan> spans = List.of(
        TestSpan.of("a").attribute("n", 1L).resource("service.name", "shop"),
        TestSpan.of("b").attribute("n", 2L).attribute("s", "text").resource("service.name", "shop"),
        TestSpan.of("c").attribute("n", 1L).attribute("d", .5).attribute("t", true).resource("service.name", "cart"),
        TestSpan.of("ab"));
    return new TransformHarness(context, plugin.create(config, context)).apply(spans).stream()
        .filter(span -> span.attributes().containsKey("touched")).map(TestSpan::name).toList();
  }

  static Stream<Arguments> matches() {
    MatchType strict = MatchType.STRICT;
    MatchType regexp = MatchType.REGEXP;
    List<String> no = List.of();
    return Stream.of(
        Arguments.of(match(strict, List.of("shop"), no, List.of()), List.of("a", "b")),
        Arguments.of(match(regexp, List.of("^c", "^x"), no, List.of()), List.of("c")),
        Arguments.of(match(strict, no, List.of("a", "c"), List.of()), List.of("a", "c")),
        Arguments.of(match(regexp, no, List.of("^a"), List.of()), List.of("a", "ab")),
        Arguments.of(match(strict, List.of("shop"), List.of("a", "c"), List.of()), List.of("a")),
        Arguments.of(match(strict, no, no, List.of(has("n", 1L))), List.of("a", "c")),
        Arguments.of(match(strict, no, no, List.of(has("n", 1L), has("d", .5), has("t", true))), List.of("c")),
        Arguments.of(match(strict, no, no, List.of(has("n", "1"))), List.of()),
        Arguments.of(match(strict, no, no, List.of(has("s", null))), List.of("b")),
        Arguments.of(match(strict, no, no, List.of(has("s", "text"))), List.of("b")),
        Arguments.of(match(regexp, no, no, List.of(has("s", "e.t$"))), List.of("b")),
        Arguments.of(new Match(strict, no, no, List.of("x"), no, List.of(), List.of()), List.of()),
        Arguments.of(new Match(strict, no, no, no, List.of("INFO"), List.of(), List.of()), List.of()),
        Arguments.of(new Match(strict, no, no, no, no, List.of(), List.of(has("service.name", "cart"))), List.of("c")));
  }

  private static Attribute has(String key, Object value) {
    return new Attribute(key, Optional.ofNullable(value));
  }

  @ParameterizedTest
  @MethodSource("matches")
  void includeAndExclude(Match match, List<String> names) {
    assertThat(touched(Optional.of(match), Optional.empty())).isEqualTo(names);
    List<String> others = new ArrayList<>(List.of("a", "b", "c", "ab"));
    others.removeAll(names);
    assertThat(touched(Optional.empty(), Optional.of(match))).isEqualTo(others);
    assertThat(touched(Optional.of(match), Optional.of(match))).isEmpty();
  }

  @Test
  void aMatchSaysSomething() {
    assertThat(catchThrowableOfType(InvalidConfig.class,
        () -> match(MatchType.STRICT, List.of(), List.of(), List.of())).key()).isEqualTo("match_type");
    assertThat(catchThrowableOfType(InvalidConfig.class,
        () -> match(MatchType.REGEXP, List.of(), List.of("a", "("), List.of())).key()).isEqualTo("span_names[1]");
  }

  @ParameterizedTest
  @EnumSource
  void resourcesChangeOnce(Signal signal) {
    List<Action> actions = List.of(set("upsert", "env", "prod"), plain("hash", "host"), rename("old", "new"));
    TestSpan in = TestSpan.of("x").attribute("env", "mine").resource("host", "h").resource("old", 1L);
    TestSpan plain = TestSpan.of("y").resource("z", "z");
    List<TestSpan> spans = List.of(in, in, plain, in);
    byte[] request = switch (signal) {
      case TRACES -> TestSpan.request(spans);
      case METRICS -> bytes(TestBatch.metrics(context, spans));
      case LOGS -> bytes(TestBatch.logs(context, spans));
    };
    TestContext own = new TestContext("processors.resource");
    TransformHarness harness =
        new TransformHarness(own, new Resource().create(new Resource.Config(actions), own));
    TestSpan out = TestSpan.of("x").attribute("env", "mine").resource("host", sha256("h")).resource("new", 1L)
        .resource("env", "prod");
    // the written order: what was there keeps its place
    List<TestSpan> expected = List.of(out, out, plain.resource("env", "prod"), out);
    byte[] written = harness.apply(signal, request);
    byte[] wanted = switch (signal) {
      case TRACES -> TestSpan.request(expected);
      case METRICS -> bytes(TestBatch.metrics(context, expected));
      case LOGS -> bytes(TestBatch.logs(context, expected));
    };
    assertThat(written).isEqualTo(wanted);
    List<Action> byPattern = List.of(pattern("delete", "", "^(host|old)$"));
    TransformHarness deleting =
        new TransformHarness(own, new Resource().create(new Resource.Config(byPattern), own));
    assertThat(deleting.apply(List.of(in, plain)))
        .containsExactly(TestSpan.of("x").attribute("env", "mine"), plain);
  }

  private static byte[] bytes(TestBatch batch) {
    ByteBuffer wire = batch.wire();
    byte[] copy = new byte[wire.remaining()];
    wire.get(copy);
    return copy;
  }

  @Test
  void noActionsAreAMistake() {
    assertThat(catchThrowableOfType(InvalidConfig.class, () -> config(List.of())).key()).isEqualTo("actions");
  }
}
