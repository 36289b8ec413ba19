package io.mop.exporters.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.data.Signal;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import io.mop.exporters.otlp.Otlp.Compression;
import io.mop.exporters.otlp.Otlp.Config;
import io.mop.exporters.otlp.Otlp.Protocol;
import io.mop.testkit.TestContext;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OtlpTest {
  private static Config config(String endpoint, String traces, Map<String, Secret> headers) {
    return new Config(
        Protocol.HTTP,
        Optional.ofNullable(endpoint),
        Optional.ofNullable(traces),
        Optional.empty(),
        Optional.empty(),
        headers,
        Duration.ofSeconds(10),
        Optional.empty());
  }

  @ParameterizedTest(name = "{0} + {1}")
  @CsvSource({
    "http://h:4318,,http://h:4318/v1/traces,http://h:4318/v1/logs",
    "http://h:4318/,,http://h:4318/v1/traces,http://h:4318/v1/logs",
    "https://h/otlp,,https://h/otlp/v1/traces,https://h/otlp/v1/logs",
    "http://h:4318,http://t:1/x,http://t:1/x,http://h:4318/v1/logs",
    ",http://t:1/x?k=v,http://t:1/x?k=v,",
  })
  void urlsAreMadeAsTheCollectorMakesThem(String endpoint, String traces, String forTraces, String forLogs) {
    Config c = config(endpoint, traces, Map.of());
    assertThat(c.url(Signal.TRACES)).isEqualTo(Optional.of(URI.create(forTraces)));
    assertThat(c.url(Signal.LOGS)).isEqualTo(Optional.ofNullable(forLogs).map(URI::create));
  }

  @ParameterizedTest(name = "{0} → {1}")
  @CsvSource({
    "http://127.0.0.1:4318,NONE", "http://localhost:4318,NONE", "http://[::1]:4318,NONE",
    "http://127.example.org:4318,GZIP", "https://tempo:4318,GZIP", "http://10.0.0.1:4318,GZIP",
  })
  void onlyLoopbackIsNotCompressed(String url, Compression expected) {
    assertThat(config(url, null, Map.of()).compressionFor(URI.create(url))).isEqualTo(expected);
  }

  @ParameterizedTest(name = "endpoint {0}, traces_endpoint {1}")
  @CsvSource({
    ",,endpoint,the peer's URL",
    "tempo:4317,,endpoint,an http or https URL with a host",
    "http://,,endpoint,a URL such as",
    "http:///x,,endpoint,an http or https URL with a host",
    "ftp://h,,endpoint,an http or https URL with a host",
    "http://h:0,,endpoint,an http or https URL with a host",
    "http://h:99999,,endpoint,an http or https URL with a host",
    "http://a b,,endpoint,a URL such as",
    "http://me:pw@h,,endpoint,a URL without user and password",
    "http://h?x=1,,endpoint,a base URL without a query",
    "http://h,http://h#x,traces_endpoint,a URL without a fragment",
  })
  void aWrongUrlIsOneSentence(String endpoint, String traces, String key, String expected) {
    InvalidConfig e = catchThrowableOfType(InvalidConfig.class, () -> config(endpoint, traces, Map.of()));
    assertThat(e).isNotNull();
    assertThat(e.key()).isEqualTo(key);
    assertThat(e).hasMessageContaining(expected).hasMessageNotContaining("me:pw");
  }

  @Test
  void grpcIsRefusedWithTheWayOut() {
    assertThatThrownBy(
            () ->
                new Config(
                    Protocol.GRPC,
                    Optional.of("http://h:4317"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Map.of(),
                    Duration.ofSeconds(1),
                    Optional.empty()))
        .isInstanceOf(InvalidConfig.class)
        .hasMessageContaining("port 4318");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({"host,x", "content-length,3", "'a b',x", "authorization,'Bearer s3cret\r\nx: y'"})
  void aHeaderThatCannotBeSentIsRefusedWithoutItsValue(String name, String value) {
    Config c = config("http://h", null, Map.of(name, new Secret(value)));
    InvalidConfig e =
        catchThrowableOfType(InvalidConfig.class, () -> new Otlp().create(c, new TestContext("exporters.otlp/test")));
    assertThat(e).isNotNull();
    assertThat(e.key()).isEqualTo("headers." + name);
    assertThat(e).hasMessageNotContaining("s3cret").hasNoCause();
  }
}
