package io.mop.plugins.attributes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.plugin.InvalidConfig;
import io.mop.plugins.attributes.Attributes.Action;
import io.mop.plugins.attributes.Attributes.Config;
import io.mop.plugins.attributes.Attributes.ValueType;
import io.mop.plugins.attributes.Attributes.Verb;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import io.mop.testkit.TransformHarness;
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
import org.junit.jupiter.params.provider.MethodSource;

class AttributesTest {
  private final TestContext context = new TestContext("processors.attributes");

  static Action action(String verb, String key, String value, String type, String from, String newKey) {
    return new Action(
        key,
        Verb.valueOf(verb.toUpperCase(Locale.ROOT)),
        Optional.ofNullable(value),
        Optional.ofNullable(type).map(t -> ValueType.valueOf(t.toUpperCase(Locale.ROOT))),
        Optional.ofNullable(from),
        Optional.ofNullable(newKey));
  }

  static Action set(String verb, String key, String value) {
    return action(verb, key, value, null, null, null);
  }

  static Action copy(String verb, String key, String from) {
    return action(verb, key, null, null, from, null);
  }

  static Action plain(String verb, String key) {
    return action(verb, key, null, null, null, null);
  }

  static Action rename(String key, String newKey) {
    return action("rename", key, null, null, null, newKey);
  }

  static String sha256(Object value) {
    try {
      byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private TransformHarness harness(List<Action> actions) {
    return new TransformHarness(context, new Attributes().create(new Config(actions), context));
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
        row("int", none, Map.of("a", -7L), action("insert", "a", "-7", "int", null, null)),
        row("double", none, Map.of("a", 1500.0), action("insert", "a", "1.5e3", "double", null, null)),
        row("bool", none, Map.of("a", true), action("insert", "a", "true", "bool", null, null)),
        row("a string of digits", none, Map.of("a", "7"), action("insert", "a", "7", "string", null, null)),
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
    if (!verb.sets()) return plain(name, key);
    return random.nextBoolean() ? copy(name, key, other) : action(name, key, "" + random.nextInt(9), "int", null, null);
  }

  private static void interpret(Action action, Map<String, Object> item) {
    Object now = item.get(action.key());
    Object value = action.value().<Object>map(Long::valueOf).orElse(action.fromAttribute().map(item::get).orElse(null));
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

  @ParameterizedTest(name = "{0} {1} value={2} type={3} from={4} new_key={5}")
  @CsvSource({
    "insert,'',x,,,,key,an attribute's key",
    "insert,a,,,,,action,with insert either value or from_attribute",
    "upsert,a,x,,b,,action,with upsert either value or from_attribute",
    "insert,a,,,'',,from_attribute,an attribute's key",
    "insert,a,,int,b,,value_type,no value_type with insert here",
    "insert,a,x,,,b,new_key,no new_key with insert here",
    "delete,a,x,,,,value,no value with delete here",
    "hash,a,,,b,,from_attribute,no from_attribute with hash here",
    "hash,a,,string,,,value_type,no value_type with hash here",
    "rename,a,,,,,new_key,the key that rename gives",
    "rename,a,,,,a,new_key,another key than a",
    "rename,a,,,,'',new_key,an attribute's key",
    "insert,a,123,,,,value_type,as the value 123 can be read as more than one",
    "insert,a,-1.5e3,,,,value_type,as the value -1.5e3 can be read as more than one",
    "insert,a,True,,,,value_type,as the value True can be read as more than one",
    "insert,a,0x1F,,,,value_type,as the value 0x1F can be read as more than one",
    "insert,a,12x,int,,,value,a whole number of 64 bits",
    "insert,a,9223372036854775808,int,,,value,a whole number of 64 bits",
    "insert,a,1d,double,,,value,a decimal number",
    "insert,a,yes,bool,,,value,true or false",
  })
  void aWrongActionIsOneSentence(
      String verb, String key, String value, String type, String from, String newKey, String at, String expected) {
    InvalidConfig e =
        catchThrowableOfType(InvalidConfig.class, () -> action(verb, key, value, type, from, newKey));
    assertThat(e).isNotNull();
    assertThat(e.key()).isEqualTo(at);
    assertThat(e).hasMessageContaining(expected);
  }

  @Test
  void noActionsAreAMistake() {
    assertThat(catchThrowableOfType(InvalidConfig.class, () -> new Config(List.of())).key()).isEqualTo("actions");
  }
}
