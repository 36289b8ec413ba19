package io.mop.engine.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** In every secret here is the text {@code s3cr3t}, or it is named. */
class MaskTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http.request.header.authorization", "http.request.header.cookie", "http.response.header.set-cookie",
        "http.request.header.x-api-key", "http.request.header.Proxy-Authorization", "http.request.header.x-auth-token",
        "db.password", "password", "user.passwd", "PASSWORD", "app.client_secret", "aws.secretAccessKey",
        "aws.access_key_id", "session.id", "sessionToken", "csrf_token", "cookies.sid", "oauth.token.value",
        "db.query.parameter.0",
        "db.query.parameter.name", "db.operation.parameter.x", "tokens", "private-key", "auth", "card.cvv",
      })
  void keysOfCredentials(String key) {
    assertThat(Mask.value(key, "s3cr3t")).isEqualTo("****");
    assertThat(Mask.value(key, List.of("s3cr3t"))).isEqualTo("****");
    assertThat(Mask.value(key, Map.of("x", "s3cr3t"))).isEqualTo("****");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http.route", "http.request.method", "user.name", "enduser.id", "db.system.name", "code.author", "url.path",
        "http.request.header.x-request-id", "messaging.destination.name", "host.name", "passenger", "author.id",
      })
  void keysOfOthers(String key) {
    assertThat(Mask.value(key, "shown")).isEqualTo("shown");
    assertThat(Mask.value(key, 42L)).isEqualTo(42L);
  }

  @Test
  void numbersOfTokensAreShownAndOtherNumbersUnderSuchKeysAreNot() {
    assertThat(Mask.value("gen_ai.usage.input_tokens", 7L)).isEqualTo(7L);
    assertThat(Mask.value("gen_ai.usage.input_tokens", "s3cr3t")).isEqualTo("****");
    assertThat(Mask.value("user.password", 123456L)).isEqualTo("****");
    assertThat(Mask.value("card.pin", 1234L)).isEqualTo("****");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "got Bearer s3cr3t.abc from x | got Bearer **** from x",
        "basic czNjcjN0OnM= | basic ****",
        "Authorization: Digest username=s3cr3t, realm=s3cr3t | Authorization: ****",
        "Cookie: a=s3cr3t; b=s3cr3t | Cookie: ****",
        "{\"set-cookie\":\"a=s3cr3t\"} | {\"set-cookie: ****",
        "jwt eyJhbGciOiJI.eyJzdWIiOiIx.s3cr3t end | jwt **** end",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9 | ****",
        "-----BEGIN RSA PRIVATE KEY----- s3cr3t -----END RSA PRIVATE KEY----- after | **** after",
        "-----BEGIN PRIVATE KEY----- s3cr3t-s3cr3t cut | ****",
        "to https://bob:s3cr3t@host/p | to https://****@host/p",
        "postgres://s3cr3t@db/x | postgres://****@db/x",
        "root:s3cr3t@tcp(db:3306)/x | ****@tcp(db:3306)/x",
        "GET /a?b=s3cr3t&c=s3cr3t HTTP | GET /a?b=****&c=**** HTTP",
        "/reset?s3cr3t | /reset?****",
        "https://h/p?x=s3cr3t#f | https://h/p?x=****#f",
        "password=s3cr3t next | password=**** next",
        "{\"password\": \"s3cr3t word\", \"a\": 1} | {\"password\": ****, \"a\": 1}",
        "db_password: 's3cr3t x' y | db_password: **** y",
        "api-key=s3cr3t | api-key=****",
        "key AKIAIOSFODNN7EXAMPLE x | key **** x",
        "ghp_0123456789abcdefghijs3cr3t | ****",
        "sk-proj-0123456789abcdefs3cr3t | ****",
        "is it so? yes | is it so? yes",
        "time 10:15:02 of user@host | time 10:15:02 of user@host",
        "plain text with 'quotes' and 42 | plain text with 'quotes' and 42",
        "SELECT * FROM t WHERE id = 42 | SELECT * FROM t WHERE id = ?",
        "slow: select a from t where b='s3cr3t' | slow: select a from t where b=?",
      })
  void texts(String raw, String masked) {
    assertThat(Mask.text(raw)).isEqualTo(masked).doesNotContain("s3cr3t");
    assertThat(Mask.value("any.key", raw)).isEqualTo(masked);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "SELECT a, b2 FROM t WHERE x = 's3cr3t' AND y > 10.5 AND z = $1"
            + " | SELECT a, b2 FROM t WHERE x = ? AND y > ? AND z = $1",
        "INSERT INTO t VALUES ('it''s s3cr3t', x'AF', NULL) | INSERT INTO t VALUES (?, x?, NULL)",
        "UPDATE t SET a = \"s3cr3t\" WHERE b = $$s3cr3t$$ | UPDATE t SET a = ? WHERE b = ?",
        "SELECT $tag$ s3cr3t 'x $tag$, 1 FROM t | SELECT ?, ? FROM t",
        "SELECT 'a\\', 's3cr3t' | SELECT ?",
        "SELECT 'it\\'s', 's3cr3t' | SELECT ?",
        "/* don't */ SELECT 's3cr3t' | ` SELECT ?`",
        "-- don't s3cr3t | ****",
        "SELECT 's3cr3t | SELECT ?",
        "SELECT a/*s3cr3t | SELECT a",
        "SET user:1 s3cr3t | SET ****",
        "SET key =s3cr3t | SET ****",
        "GET user:1 | GET ****",
        "APPEND k where x = s3cr3t | APPEND ****",
        "PING | PING",
        "{\"find\":\"users\",\"filter\":{\"name\":\"s3cr3t\"}} | ****",
        "replace k 0 0 6 s3cr3t | replace ****",
      })
  void statements(String raw, String masked) {
    assertThat(Mask.value("db.query.text", raw)).isEqualTo(masked);
    assertThat(Mask.value("db.statement", raw)).isEqualTo(masked);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"a=s3cr3t&b=s3cr3t, a=****&b=****", "s3cr3t, ****", "?a=s3cr3t, a=****", "a=s3=cr3t;c, a=****&****"})
  void queries(String raw, String masked) {
    assertThat(Mask.value("url.query", raw)).isEqualTo(masked);
  }

  @Test
  void inMapsListsAndKeys() {
    Map<String, Object> raw = new LinkedHashMap<>();
    raw.put("request", Map.of("headers", Map.of("cookie", "s3cr3t"), "paths", List.of("/a?b=s3cr3t", 1L)));
    raw.put("https://u:s3cr3t@h", "x");
    raw.put("none", null);
    assertThat(Mask.map(raw).toString())
        .doesNotContain("s3cr3t")
        .contains("headers={cookie=****}", "paths=[/a?b=****, 1]", "https://****@h=x", "none=null");
  }

  @Test
  void aSecretAcrossTheLimitIsNotShownInPart() {
    String text = "x ".repeat((Mask.SHOWN - 20) / 2) + "Bearer " + "s3cr3t".repeat(1000);
    assertThat(Mask.text(text)).endsWith("Bearer ****");
    String longer = "y".repeat(Mask.LOOKED_AT + 10);
    assertThat(Mask.text(longer)).isEqualTo("y".repeat(Mask.SHOWN) + "…");
    assertThat(Mask.value("db.query.text", "SELECT '" + longer)).isEqualTo("SELECT ?");
  }

  /** No pattern may blow the stack or take time that grows faster than the text. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/", "-", "a", "eyJa.", "'\\", "x=", "?a=", "://", "a:", "select ", "-----BEGIN A-----", "\"", "password"
      })
  void longTexts(String part) {
    String text = part.repeat(Mask.LOOKED_AT / part.length() + 1);
    assertThat(Mask.text(text).length()).isLessThanOrEqualTo(Mask.SHOWN + 1);
    assertThat(Mask.value("db.query.text", text).toString().length()).isLessThanOrEqualTo(Mask.SHOWN + 1);
    assertThat(Mask.value("url.query", text).toString().length()).isLessThanOrEqualTo(Mask.SHOWN + 1);
  }
}
