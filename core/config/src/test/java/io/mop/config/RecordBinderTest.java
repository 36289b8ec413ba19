package io.mop.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Key;
import io.mop.api.plugin.Secret;
import io.mop.api.plugin.Size;
import io.mop.config.Samples.Attributes;
import io.mop.config.Samples.Otlp;
import io.mop.config.Samples.Protocol;
import io.mop.config.Samples.Receiver;
import io.mop.config.Samples.Verb;
import io.mop.control.ConfigError;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordBinderTest {
  record All(
      String text,
      boolean yes,
      int whole,
      long big,
      double real,
      Verb verb,
      Duration wait_,
      Size size,
      Secret secret,
      Optional<Integer> maybe,
      List<String> list,
      Map<String, Long> map,
      Inner inner) {}

  record Inner(
      @Key("a: b # c") String text, @Key("[1, 2]") List<Integer> numbers, @Key("{k: v}") Map<String, String> m) {}

  record Defaults(
      @Key("") String text,
      @Key("1m30s") Duration wait_,
      @Key("delete-all") Verb verb,
      @Key("7") Optional<Integer> seven,
      @Key("${env:TOKEN}") String dollar,
      Inner inner,
      Optional<Inner> maybe,
      List<Inner> list,
      Map<String, Inner> map) {}

  record Limits(
      @Key(value = "5", min = 1, max = 10) int whole,
      @Key(value = "5", min = 1) long least,
      @Key(value = "5", max = 10) double most,
      @Key(value = "5s", min = 1_000_000_000) Duration wait_,
      @Key(value = "1KiB", max = 1 << 20) Size size,
      @Key(min = 1, max = 65535) List<Integer> ports) {}

  record Tree(@Key("leaf") String name, List<Tree> children) {}

  record Names(
      @Key("1") int tlsCA, @Key("2") int URLPath, @Key("3") int http2, @Key("4") int default_, @Key("5") int a) {}

  private static List<String> problems(Class<? extends Record> type, String yaml) throws ConfigError {
    RecordBinder binder = Samples.binder(yaml);
    return catchThrowableOfType(ConfigError.class, () -> binder.bind(type)).problems();
  }

  @Test
  void everyTypeBinds() throws Exception {
    All all =
        Samples.binder(
                """
                text: true
                yes: true
                whole: -7
                big: 9223372036854775807
                real: 1.5e3
                verb: Delete-All
                wait: 1h2m3.5s
                size: 64KB
                secret: s3
                maybe: '8'
                list: [a, 1, "null"]
                map: {b: 1, a: 2}
                inner: {text: t}
                """)
            .bind(All.class);
    assertThat(all)
        .isEqualTo(
            new All("true", true, -7, Long.MAX_VALUE, 1500, Verb.DELETE_ALL, Duration.parse("PT1H2M3.5S"),
                new Size(64_000), new Secret("s3"), Optional.of(8), List.of("a", "1", "null"), Map.of("b", 1L, "a", 2L),
                new Inner("t", List.of(1, 2), Map.of("k", "v"))));
    assertThat(all.map().keySet()).as("order of the file").containsExactly("b", "a");
  }

  @Test
  void absentKeysTakeTheirDefaults() throws Exception {
    Inner inner = new Inner("a: b # c", List.of(1, 2), Map.of("k", "v"));
    Defaults expected =
        new Defaults("", Duration.ofSeconds(90), Verb.DELETE_ALL, Optional.of(7), "${env:TOKEN}", inner,
            Optional.empty(), List.of(), Map.of());
    assertThat(RecordBinder.defaults(Defaults.class)).isEqualTo(expected);
    assertThat(Samples.binder("text:\nwait: ~\nverb: null\nseven:\ninner:\nlist:\nmap:").bind(Defaults.class))
        .as("nothing after a key is its default")
        .isEqualTo(expected);
    assertThat(Samples.binder("maybe:").bind(Defaults.class).maybe())
        .as("nothing after an optional section switches it on")
        .contains(inner);
    assertThat(Samples.binder("list: [~]\nmap: {a: }").bind(Defaults.class))
        .extracting(Defaults::list, Defaults::map)
        .containsExactly(List.of(inner), Map.of("a", inner));
  }

  @Test
  void defaultsOfARecordThatNeedsAKey() {
    assertThatThrownBy(() -> RecordBinder.defaults(Otlp.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("io.mop.config.Samples$Otlp: endpoint: missing; expected text");
  }

  @Test
  void collectorStyleProtocolsAreOnWhenWritten() throws Exception {
    Receiver both = Samples.binder("protocols:\n  grpc:\n  http: {endpoint: 0.0.0.0:4318}").bind(Receiver.class);
    assertThat(both.protocols().grpc()).contains(new Samples.Server("127.0.0.1:4317", new Size(4 << 20)));
    assertThat(both.protocols().http()).contains(new Samples.Server("0.0.0.0:4318", new Size(4 << 20)));
    assertThat(Samples.binder("protocols: {grpc: }").bind(Receiver.class).protocols().http()).isEmpty();
  }

  @Test
  void recordsMayHoldListsOfThemselves() throws Exception {
    Tree tree = Samples.binder("children: [{name: a, children: [{}]}, {name: b}]").bind(Tree.class);
    assertThat(tree.children()).extracting(Tree::name).containsExactly("a", "b");
    assertThat(tree.children().get(0).children()).containsExactly(new Tree("leaf", List.of()));
  }

  @Test
  void keysAreSnakeCase() throws Exception {
    assertThat(Samples.binder("{tls_ca: 11, url_path: 12, http2: 13, default: 14, a: 15}").bind(Names.class))
        .isEqualTo(new Names(11, 12, 13, 14, 15));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "10s|PT10S", "1m30s|PT1M30S", "250ms|PT0.25S", "1h|PT1H", "0|PT0S", "0s|PT0S", "1.5h|PT1H30M",
        "100us|PT0.0001S", "7µs|PT0.000007S", "3ns|PT0.000000003S", "1.5ns|PT0.000000001S"
      })
  void durations(String text, Duration expected) throws Exception {
    assertThat(Samples.binder("wait: " + text).bind(OneDuration.class).wait_()).isEqualTo(expected);
  }

  @ParameterizedTest(name = "''{0}''")
  @CsvSource({"10", "-1s", "1d", "s", "1s x", "''", "9999999999999h", "1e3s", "1 s", "1s-"})
  void notDurations(String text) throws Exception {
    assertThat(problems(OneDuration.class, "wait: '" + text + "'"))
        .containsExactly(
            "mop.yaml:1: x.wait: expected a duration such as 250ms, 10s or 1m30s, got '" + text + "'");
  }

  record OneDuration(Duration wait_) {}

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "0,0", "12,12", "12B,12", "512KiB,524288", "4MiB,4194304", "1GiB,1073741824", "64KB,64000", "3MB,3000000",
    "2GB,2000000000", "1TiB,1099511627776", "4 MiB,4194304"
  })
  void sizes(String text, long expected) throws Exception {
    assertThat(Samples.binder("size: " + text).bind(OneSize.class).size()).isEqualTo(new Size(expected));
  }

  @ParameterizedTest(name = "''{0}''")
  @CsvSource({"-1", "1.5MiB", "4Mi", "4mib", "99999999999TiB", "9999999999999999999", "''", "MiB"})
  void notSizes(String text) throws Exception {
    assertThat(problems(OneSize.class, "size: '" + text + "'"))
        .containsExactly("mop.yaml:1: x.size: expected a size such as 512KiB, 4MiB or 64KB, got '" + text + "'");
  }

  record OneSize(Size size) {}

  @Test
  void allProblemsOfASectionTogether() throws Exception {
    assertThat(
            problems(
                All.class,
                """
                text: [a]
                yes: on
                whole: 3000000000
                big: 1e3
                real: much
                verb: delete_al
                wait: 10
                size: 4Mi
                secret: {a: b}
                maybe: x
                list: a
                map: [a]
                iner: {}
                inner: {text: {}, numbers: [1, ~, x]}
                """))
        .containsExactly(
            "mop.yaml:1: x.text: expected text, got a list",
            "mop.yaml:2: x.yes: expected true or false, got 'on'",
            "mop.yaml:3: x.whole: expected a whole number, got '3000000000'",
            "mop.yaml:4: x.big: expected a whole number, got '1e3'",
            "mop.yaml:5: x.real: expected a number, got 'much'",
            "mop.yaml:6: x.verb: expected one of insert, update, delete_all, got 'delete_al'; nearest: delete_all",
            "mop.yaml:7: x.wait: expected a duration such as 250ms, 10s or 1m30s, got '10'",
            "mop.yaml:8: x.size: expected a size such as 512KiB, 4MiB or 64KB, got '4Mi'",
            "mop.yaml:9: x.secret: expected text, got a map",
            "mop.yaml:10: x.maybe: expected a whole number, got 'x'",
            "mop.yaml:11: x.list: expected a list, got 'a'",
            "mop.yaml:12: x.map: expected a map, got a list",
            "mop.yaml:13: x.iner: unknown key; expected one of text, yes, whole, big, real, verb, wait, size, secret,"
                + " maybe, list, map, inner; nearest: inner",
            "mop.yaml:14: x.inner.text: expected text, got a map",
            "mop.yaml:14: x.inner.numbers[1]: expected a whole number, got nothing",
            "mop.yaml:14: x.inner.numbers[2]: expected a whole number, got 'x'");
  }

  @Test
  void limits() throws Exception {
    assertThat(Samples.binder("ports: [1, 65535]").bind(Limits.class).ports()).containsExactly(1, 65535);
    assertThat(
            problems(Limits.class, "whole: 11\nleast: 0\nmost: 10.5\nwait: 999ms\nsize: 2MiB\nports: [80, 0]"))
        .containsExactly(
            "mop.yaml:1: x.whole: expected a whole number from 1 to 10, got '11'",
            "mop.yaml:2: x.least: expected a whole number of at least 1, got '0'",
            "mop.yaml:3: x.most: expected a number of at most 10, got '10.5'",
            "mop.yaml:4: x.wait: expected a duration of at least 1s, got '999ms'",
            "mop.yaml:5: x.size: expected a size of at most 1MiB, got '2MiB'",
            "mop.yaml:6: x.ports[1]: expected a whole number from 1 to 65535, got '0'");
  }

  @Test
  void missingKeys() throws Exception {
    assertThat(problems(Attributes.class, "actions:\n  - action: update\n  - key: a"))
        .containsExactly(
            "mop.yaml:2: x.actions[0].key: missing; expected text",
            "mop.yaml:3: x.actions[1].action: missing; expected one of insert, update, delete_all");
  }

  @Test
  void constructorsAreLocatedAtTheKey() throws Exception {
    String insert = "actions:\n  - {key: a, action: update}\n  - key: b\n    action: insert\n    value:";
    assertThat(problems(Attributes.class, insert))
        .containsExactly("mop.yaml:5: x.actions[1].value: expected a value to insert");
    assertThat(problems(Attributes.class, "actions:\n- &a {key: a, action: update}\n- *a\n- *a\n- *a"))
        .containsExactly("mop.yaml:1: x.actions: expected at most 3 actions");
    assertThat(problems(Throws.class, "how: illegal"))
        .containsExactly("mop.yaml:1: x: illegal is too much");
    assertThat(problems(Throws.class, "how: other"))
        .containsExactly(
            "mop.yaml:1: x: the plugin's configuration type failed: java.lang.IllegalStateException: two lines");
  }

  record Throws(String how) {
    Throws {
      if (how.equals("illegal")) throw new IllegalArgumentException("illegal is too much");
      if (how.equals("other")) throw new IllegalStateException("two\n lines");
    }
  }

  @Test
  void locateFindsTheLineOfWhatIsWritten() throws Exception {
    RecordBinder binder = Samples.binder("protocols:\n  grpc:\n    endpoint: a\nm:\n  a.b:\n    - c: 1\n    - c: 2");
    assertThat(binder.locate(new InvalidConfig("protocols.grpc.endpoint", "a port")).problems())
        .containsExactly("mop.yaml:3: x.protocols.grpc.endpoint: expected a port");
    assertThat(binder.locate(new InvalidConfig("m.a.b[1].c", "expected 3")).problems())
        .containsExactly("mop.yaml:7: x.m.a.b[1].c: expected 3");
    assertThat(binder.locate(new InvalidConfig("protocols.grpc.tls.ca_file", "a file")).problems())
        .containsExactly("mop.yaml:2: x.protocols.grpc.tls.ca_file: expected a file");
    assertThat(binder.locate(new InvalidConfig("m.a.b[9999999999].c", "a file")).problems())
        .containsExactly("mop.yaml:5: x.m.a.b[9999999999].c: expected a file");
    assertThat(binder.locate(new InvalidConfig("", "one of two keys")).problems())
        .containsExactly("mop.yaml:1: x: expected one of two keys");
  }

  @Test
  void secretsAreNeverPrinted() throws Exception {
    RecordBinder binder = Samples.binder("a: tiger\nb: tiger lily\nc: ${env:TOKEN}");
    ConfigError error = catchThrowableOfType(ConfigError.class, () -> binder.bind(Leaky.class));
    assertThat(error.problems())
        .containsExactly("mop.yaml:1: x: refused: *** and *** and ***");
    assertThat(binder.locate(new InvalidConfig("a", "something else than tiger")).problems())
        .containsExactly("mop.yaml:1: x.a: expected something else than ***");
    assertThat(binder).hasToString("RecordBinder[x]");
    assertThat(Samples.node("a")).hasToString("'a'");
    assertThat(problems(Two.class, "a: ${env:TOKEN}\nb: ${env:TOKEN}"))
        .as("what came from outside is shown as it is written")
        .containsExactly(
            "mop.yaml:1: x.a: expected a whole number, got '${env:TOKEN}'",
            "mop.yaml:2: x.b: expected one of insert, update, delete_all, got '${env:TOKEN}'");
  }

  record Leaky(Secret a, Secret b, Secret c) {
    Leaky {
      throw new IllegalArgumentException("refused: " + b.reveal() + " and " + a.reveal() + " and " + c.reveal());
    }
  }

  record Two(int a, Verb b) {}

  @Test
  void unsupportedTypesAreThePluginsFault() throws Exception {
    assertThat(problems(Odd.class, "{}"))
        .containsExactly(
            "mop.yaml:1: x: the plugin's configuration type is at fault: key path of"
                + " io.mop.config.RecordBinderTest$Odd has the type java.nio.file.Path, which is not supported");
    assertThat(problems(Endless.class, "{}"))
        .containsExactly(
            "mop.yaml:1: x: the plugin's configuration type is at fault:"
                + " io.mop.config.RecordBinderTest$Endless contains itself");
    assertThat(problems(BadDefault.class, "{}"))
        .containsExactly("mop.yaml:1: x.n: expected a whole number, got 'many'");
  }

  record Odd(Path path) {}

  record Endless(Endless again) {}

  record BadDefault(@Key("many") int n) {}

  @Test
  void hintsFillKeysThatTheRecordHasAndTheFileLacks() throws Exception {
    var hints = Map.of("protocol", "http");
    var hinted = new RecordBinder("mop.yaml", new At(1, "x"), Samples.node("endpoint: e"), List.of(), hints);
    assertThat(hinted.bind(Otlp.class).protocol()).isEqualTo(Protocol.HTTP);
    var written =
        new RecordBinder("mop.yaml", new At(1, "x"), Samples.node("{endpoint: e, protocol: grpc}"), List.of(), hints);
    assertThat(written.bind(Otlp.class).protocol()).isEqualTo(Protocol.GRPC);
    var none = new RecordBinder("mop.yaml", new At(1, "x"), Node.nothing(1), List.of(), hints);
    assertThat(none.bind(Tree.class)).isEqualTo(new Tree("leaf", List.of()));
    assertThat(hinted.fingerprint()).isNotEqualTo(Samples.binder("endpoint: e").fingerprint());
  }

  record Typed(Object value, Optional<Object> other, List<Object> list) {}

  /** YAML 1.2, chapter 10.3.2, but for what no attribute holds: infinities and not-a-number are text. */
  @Test
  void anObjectIsWhatYamlSaysItIs() throws Exception {
    String list = "[1, '1', -0.5, 1e3, 0x1F, 0o17, true, False, 'true', text, 1.2.3, 99999999999999999999, .inf, 1a]";
    Typed typed = Samples.binder("{value: 200, other: \"200\", list: " + list + "}").bind(Typed.class);
    assertThat(typed).isEqualTo(
        new Typed(200L, Optional.of("200"),
            List.of(1L, "1", -0.5, 1000.0, 31L, 15L, true, false, "true", "text", "1.2.3", 1e20, ".inf", "1a")));
  }

  @ParameterizedTest(name = "{0} and {1}: {2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "{a: y, b: [x]}|a: 'y'\\nb:\\n- x|true",
        "{a: 1}|{a: '1'}|false",
        "a: ${env:PORT}|{a: 4317}|true",
        "{a: }|{a: ~}|true",
        "{a: }|{a: ''}|false",
        "{a: [b, c]}|{a: ['b,c']}|false",
        "{a: 'x\"'}|{a: 'x\\'}|false",
        "{a: 1, b: 2}|{b: 2, a: 1}|false",
        "{a: {}}|{a: []}|false"
      })
  void fingerprints(String one, String other, boolean equal) throws Exception {
    String left = Samples.binder(one.replace("\\n", "\n")).fingerprint();
    String right = Samples.binder(other.replace("\\n", "\n")).fingerprint();
    assertThat(left.equals(right)).isEqualTo(equal);
  }
}
