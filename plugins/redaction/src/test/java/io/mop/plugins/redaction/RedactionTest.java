package io.mop.plugins.redaction;

import static io.mop.plugins.redaction.Requests.array;
import static io.mop.plugins.redaction.Requests.map;
import static io.mop.plugins.redaction.Requests.pair;
import static io.mop.plugins.redaction.Requests.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.data.Signal;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import io.mop.plugins.redaction.Redaction.Config;
import io.mop.plugins.redaction.Redaction.HashFunction;
import io.mop.plugins.redaction.Redaction.Summary;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import io.mop.testkit.TransformHarness;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactionTest {
  private static final String JWT =
      "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
  private static final List<String> NONE = List.of();

  private final TestContext context = new TestContext("processors.redaction");

  private static Config defaults() {
    return config(NONE, NONE, NONE, NONE, Summary.SILENT);
  }

  private static Config config(
      List<String> ignored, List<String> keys, List<String> values, List<String> allowed, Summary summary) {
    return new Config(true, false, true, NONE, ignored, keys, values, allowed, HashFunction.NONE, Optional.empty(),
        summary, false);
  }

  private static Config hashing(HashFunction function, String key) {
    return new Config(true, false, true, NONE, NONE, NONE, NONE, NONE, function,
        Optional.ofNullable(key).map(Secret::new), Summary.SILENT, false);
  }

  private TransformHarness harness(Config config) {
    return new TransformHarness(context, new Redaction().create(config, context));
  }

  private Map<String, Object> apply(Config config, Map<String, Object> attributes) {
    return harness(config).apply(List.of(TestSpan.of("x").attributes(attributes))).get(0).attributes();
  }

  private Object apply(Config config, String key, Object value) {
    return apply(config, Map.of(key, value)).get(key);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "authorization", "password", "http.request.header.authorization", "http.request.header.Proxy-Authorization",
    "http.response.header.set-cookie", "http.response.header.set_cookie", "http.request.header.x-api-key",
    "http.request.header.X_API_Key", "db.query.parameter.password", "rpc.grpc.request.metadata.authorization",
    "messaging.message.header.token", "API_KEY", "apiKey", "accessToken", "client_secret", "pwd", "session",
    "app.refresh-token", "private_key"})
  void valuesOfCredentialKeysAreMasked(String key) {
    Config config = defaults();
    assertThat(apply(config, key, "plain words")).isEqualTo("****");
    assertThat(apply(config, key, 12345L)).isEqualTo("****");
    assertThat(apply(config, key, 1.5)).isEqualTo("****");
    assertThat(apply(config, key, List.of("plain", "words"))).isEqualTo("****");
    assertThat(apply(config, key, Map.of("a", "b"))).isEqualTo("****");
    assertThat(apply(config, key, true)).isEqualTo(true);
    assertThat(apply(config, key, "")).isEqualTo("");
    assertThat(apply(config, "outer", Map.of("inner", Map.of(key, "plain words"))))
        .isEqualTo(Map.of("inner", Map.of(key, "****")));
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "session.id", "token_type", "gen_ai.usage.tokens", "enduser.id", "password.length", "http.request.header.accept",
    "tokens", "author", "key", "code"})
  void otherKeysAreNot(String key) {
    assertThat(apply(defaults(), key, "plain words")).isEqualTo("plain words");
    assertThat(context.counted()).isEmpty();
  }

  static Stream<Arguments> texts() {
    String pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----";
    return Stream.of(
        Arguments.of("Authorization: Bearer abc.DEF-123_x~+/= end", "Authorization: Bearer **** end"),
        Arguments.of("bearer ABCDEFGHIJKLMNOPQRSTUVWX", "bearer ****"),
        Arguments.of("Basic dXNlcjpwYXNzd29yZA==", "Basic ****"),
        Arguments.of("\"basic YTpi\"", "\"basic ****\""),
        Arguments.of("Basic Og==", "Basic ****"),
        Arguments.of("got " + JWT + ", kept", "got ****, kept"),
        Arguments.of("ключ " + JWT, "ключ ****"),
        Arguments.of("a " + pem + " b", "a **** b"),
        Arguments.of("a -----BEGIN PRIVATE KEY-----\nMIIEvg cut", "a ****"),
        Arguments.of("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n", "****\n"),
        Arguments.of("id AKIAIOSFODNN7EXAMPLE.", "id ****."),
        Arguments.of("postgres://shop:s3cret@db:5432/orders", "postgres://****@db:5432/orders"),
        Arguments.of("redis://:s3cret@cache/0", "redis://****@cache/0"),
        Arguments.of("https://u:p@ss@host/a?x=1", "https://****@host/a?x=1"),
        Arguments.of("/cb?access_token=abc&x=1&PASSWORD=d", "/cb?access_token=****&x=1&PASSWORD=****"),
        Arguments.of("Server=db;User Id=sa;Password=\"a;b\";Pooling=true",
            "Server=db;User Id=sa;Password=\"****\";Pooling=true"),
        Arguments.of("x=1 Bearer " + JWT + " token=" + JWT, "x=1 Bearer **** token=****"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("texts")
  void credentialsInTextsAreMasked(String in, String out) {
    assertThat(apply(defaults(), "log.line", in)).isEqualTo(out);
    assertThat(apply(defaults(), "log.line", List.of("x", in))).isEqualTo(List.of("x", out));
    assertThat(context.count("redacted_values")).isEqualTo(2);
    // and is then at rest
    assertThat(apply(defaults(), "log.line", out)).isEqualTo(out);
    assertThat(context.count("redacted_values")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "Basic authentication required", "bearer authentication failed", "Bearer", "basic ", "e", "eyJ.x.y", "AKIA", "A",
    "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----", "-----BEGIN ", "https://host/path?user=a@b.c",
    "http://host:8080/a@b", "git@github.com:a/b", "mailto:a@b.c", "://", ":", "=", "tokens=5", "token=", "a = b",
    "BAKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLEX", "4111111111111111", "keyJhbGciOiJIUzI1NiJ9.aaaaaaaa.bbbbbbbb",
    "SELECT * FROM t WHERE id = ?", "плохо: //", "😀 eyJ"})
  void otherTextsAreNot(String text) {
    assertThat(apply(defaults(), "log.line", text)).isEqualTo(text);
    assertThat(context.counted()).isEmpty();
  }

  /** Cut anywhere, a text that holds credentials neither breaks the search nor what it gives back. */
  @Test
  void textsMayEndAnywhere() {
    texts().map(a -> (String) a.get()[0]).forEach(whole -> {
      for (int i = 0; i <= whole.length(); i++) {
        Object masked = apply(defaults(), "log.line", whole.substring(0, i));
        assertThat(apply(defaults(), "log.line", masked)).isEqualTo(masked);
      }
    });
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  void everyPlaceOfEverySignal(Signal signal) {
    AnyValue number = AnyValue.newBuilder().setIntValue(7).build();
    List<KeyValue> in = List.of(pair("password", text("p1")), pair("kept", number),
        pair("http.request.header.authorization", array(text("Bearer abcdefgh12345678"))),
        pair("deep", array(map(pair("note", text("token=xyz"))), number)));
    List<KeyValue> out = List.of(pair("password", text("****")), pair("kept", number),
        pair("http.request.header.authorization", text("****")),
        pair("deep", array(map(pair("note", text("token=****"))), number)));
    byte[] request = Requests.of(signal, in, map(pair("cookie", text("c")), pair("msg", text("pwd=1"))));
    byte[] expected = Requests.of(signal, out, map(pair("cookie", text("****")), pair("msg", text("pwd=****"))));
    assertThat(harness(defaults()).apply(signal, request)).isEqualTo(expected);
    int bodies = signal == Signal.LOGS ? 2 : 0;
    assertThat(context.counted()).isEqualTo(Map.of("redacted_values", 3L * Requests.places(signal) + bodies));
  }

  @Test
  void aTextAsBody() {
    byte[] in = Requests.of(Signal.LOGS, List.of(), text("login user=a password=b"));
    assertThat(harness(defaults()).apply(Signal.LOGS, in))
        .isEqualTo(Requests.of(Signal.LOGS, List.of(), text("login user=a password=****")));
  }

  @Test
  void cleanBatchesStayTheSameBytes() {
    byte[] in = Requests.of(Signal.TRACES, List.of(pair("a", text("b"))), text(""));
    assertThat(harness(defaults()).apply(Signal.TRACES, in)).isEqualTo(in);
    assertThat(context.counted()).isEmpty();
  }

  @Test
  void ownPatternsMaskWhatTheyMatch() {
    Config config = config(List.of("ignored"), List.of("(?i)^user\\.", "mail$"),
        List.of("[a-z]+@[a-z.]+", "(?P<n>ö+)"), List.of("@example\\.org"), Summary.SILENT);
    assertThat(apply(config, Map.of("User.name", "Ann", "e.mail", 5L, "ignored", "a@b.c password=1", "text",
            "from a@b.c to d@e.f: schööön", "ok", "to ann@example.org, token=1")))
        .isEqualTo(Map.of("User.name", "****", "e.mail", "****", "ignored", "a@b.c password=1", "text",
            "from **** to ****: sch****n", "ok", "to ann@example.org, token=1"));
    assertThat(context.count("redacted_values")).isEqualTo(3);
  }

  @Test
  void onlyAllowedKeysStay() {
    Config config = new Config(true, false, false, List.of("a", "password", "map"), List.of("b"), NONE, NONE, NONE,
        HashFunction.NONE, Optional.empty(), Summary.SILENT, false);
    TestSpan in = TestSpan.of("x").attributes(Map.of("a", 1L, "password", "p", "b", "c", "z", 1L, "map",
        Map.of("inner", "i", "token", "t"))).resource("host", "h").scope("a", "s");
    TestSpan out = TestSpan.of("x").attributes(Map.of("a", 1L, "password", "****", "b", "c", "map",
        Map.of("inner", "i", "token", "****"))).scope("a", "s");
    assertThat(harness(config).apply(List.of(in))).containsExactly(out);
    assertThat(context.counted()).isEqualTo(Map.of("redacted_values", 2L, "removed_attributes", 2L));
  }

  @Test
  void hashes() {
    assertThat(apply(hashing(HashFunction.SHA256, null), "password", "abc"))
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assertThat(apply(hashing(HashFunction.SHA256, null), "text", "pwd=abc;"))
        .isEqualTo("pwd=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad;");
    // RFC 4231, test case 2
    assertThat(apply(hashing(HashFunction.HMAC_SHA256, "Jefe"), "secret", "what do ya want for nothing?"))
        .isEqualTo("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assertThat(apply(hashing(HashFunction.SHA256, null), "cookie", List.of("a"))).isEqualTo("****");
  }

  @Test
  void summaries() {
    Map<String, Object> in = Map.of("password", "p", "text", "pwd=1");
    assertThat(apply(config(NONE, NONE, NONE, NONE, Summary.INFO), in))
        .isEqualTo(Map.of("password", "****", "text", "pwd=****", "redaction.masked.count", 2L));
    Config debug = new Config(true, false, false, List.of("secret"), NONE, NONE, NONE, NONE, HashFunction.NONE,
        Optional.empty(), Summary.DEBUG, false);
    assertThat(apply(debug, Map.of("secret", "p", "other", "x")))
        .isEqualTo(Map.of("secret", "****", "redaction.masked.count", 1L, "redaction.masked.keys", "secret",
            "redaction.redacted.count", 1L, "redaction.redacted.keys", "other"));
    // a second processor adds to what the first one said
    assertThat(apply(debug, Map.of("secret", "p", "redaction.masked.count", 3L, "redaction.masked.keys", "a,b")))
        .isEqualTo(Map.of("secret", "****", "redaction.masked.count", 4L, "redaction.masked.keys", "a,b,secret"));
  }

  @ParameterizedTest
  @CsvSource({
    "4111111111111111,****", "4111 1111 1111 1111,****", "card 5500-0000-0000-0004!,card ****!",
    "4111111111111112,4111111111111112", "1111111111111,1111111111111", "41111111111111111111,41111111111111111111"})
  void creditCards(String in, String out) {
    Config config = new Config(false, true, true, NONE, NONE, NONE, NONE, NONE, HashFunction.NONE, Optional.empty(),
        Summary.SILENT, true);
    assertThat(apply(config, "text", in)).isEqualTo(out);
    assertThat(apply(config, "number", 4111111111111111L)).isEqualTo("****");
    assertThat(apply(config, "password", "p")).isEqualTo("p");
  }

  @Test
  void allocatesNothingPerValue() {
    TestSpan span = TestSpan.of("GET /").attributes(Map.of("password", "p1", "url.full", "https://a:b@h/?token=1",
        "text", "mail a@b.c", "n", 5L, "ids", List.of("a", "b"))).resource("service.name", "shop");
    List<TestSpan> spans = Collections.nCopies(1_000, span);
    assertThat(harness(config(NONE, List.of("^x"), List.of("[a-z]@[a-z]"), NONE, Summary.INFO)).allocated(spans))
        .as("bytes for 1,000 spans").isLessThan(1_000);
    assertThat(harness(hashing(HashFunction.SHA256, null)).allocated(spans)).isLessThan(1_000);
  }

  @Test
  void wrongConfigurationIsOneSentence() {
    assertRefused("allowed_keys", () -> new Config(true, false, true, List.of("a"), NONE, NONE, NONE, NONE,
        HashFunction.NONE, Optional.empty(), Summary.SILENT, false));
    assertRefused("hmac_key", () -> hashing(HashFunction.HMAC_SHA256, null));
    assertRefused("hmac_key", () -> hashing(HashFunction.HMAC_SHA256, ""));
    assertRefused("hmac_key", () -> hashing(HashFunction.SHA256, "k"));
    assertRefused("credentials", () -> new Config(false, false, true, NONE, NONE, NONE, NONE, NONE, HashFunction.NONE,
        Optional.empty(), Summary.SILENT, false));
    InvalidConfig e = assertRefused("blocked_values[1]",
        () -> config(NONE, NONE, List.of("a", "b(c"), NONE, Summary.SILENT));
    assertThat(e).hasMessageContaining("a regular expression").hasMessageContaining("character");
    assertRefused("blocked_key_patterns[0]", () -> config(NONE, List.of("["), NONE, NONE, Summary.SILENT));
    assertRefused("allowed_values[0]", () -> config(NONE, NONE, NONE, List.of("*"), Summary.SILENT));
  }

  private static InvalidConfig assertRefused(String key, Runnable made) {
    InvalidConfig e = catchThrowableOfType(InvalidConfig.class, made::run);
    assertThat(e).isNotNull();
    assertThat(e.key()).isEqualTo(key);
    return e;
  }
}
