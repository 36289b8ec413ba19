package io.mop.exporters.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which proxy is meant, by proxy_url or the environment. */
class ProxyTest {
  private static final Origin PEER = new Origin(true, "tempo.example.org", 4317);

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "http://proxy:3128,proxy,3128,",
    "http://proxy,proxy,80,",
    "http://proxy:3128/,proxy,3128,",
    "http://[::1]:3128,::1,3128,",
    "http://me:pw@proxy:3128,proxy,3128,Basic bWU6cHc=",
    "http://me@proxy:3128,proxy,3128,Basic bWU6",
    "http://m%40e:p%3Aw+%C3%A4@proxy:3128,proxy,3128,Basic bUBlOnA6dyvDpA==",
  })
  void aUrlIsHostPortAndLogin(String url, String host, int port, String authorization) {
    Proxy proxy = Proxy.of(new Secret(url));
    assertThat(proxy.host()).isEqualTo(host);
    assertThat(proxy.port()).isEqualTo(port);
    assertThat(proxy.login().map(l -> l.basic().reveal())).isEqualTo(Optional.ofNullable(authorization));
    assertThat(proxy.toString()).doesNotContain("pw");
  }

  @ParameterizedTest(name = "proxy_url {0}")
  @ValueSource(strings = {"", "proxy", "proxy:3128", "https://me:s3cret@proxy:3128", "socks5://me:s3cret@proxy",
      "http://me:s3cret@", "http://me:s3 cret@proxy", "http://me:s3cret@proxy/path", "http://proxy:0",
      "http://proxy:99999", "http://me:s3cret@proxy?x"})
  void aWrongUrlIsOneSentenceWithoutIt(String url) {
    InvalidConfig e =
        catchThrowableOfType(InvalidConfig.class, () -> TestConfig.http("http://h:1").proxy(url).build());
    assertThat(e).isNotNull();
    assertThat(e.key()).isEqualTo("proxy_url");
    assertThat(e).hasMessageContaining("http://proxy:3128").hasMessageNotContaining("s3").hasNoCause();
  }

  @Test
  void theEnvironmentsVariableIsThatOfTheScheme() {
    Map<String, String> both = Map.of("HTTPS_PROXY", "secure:1", "HTTP_PROXY", "http://plain:2");
    assertThat(Proxy.of(both, true, PEER)).contains(new Proxy("secure", 1, Optional.empty()));
    assertThat(Proxy.of(both, false, PEER)).contains(new Proxy("plain", 2, Optional.empty()));
    assertThat(Proxy.of(Map.of("https_proxy", "lower:3"), true, PEER)).contains(new Proxy("lower", 3, Optional.empty()));
    assertThat(Proxy.of(Map.of("https_proxy", "lower:3"), false, PEER)).isEmpty();
    assertThat(Proxy.of(Map.of("HTTPS_PROXY", " "), true, PEER)).isEmpty();
    InvalidConfig e = catchThrowableOfType(
        InvalidConfig.class, () -> Proxy.of(Map.of("HTTPS_PROXY", "socks5://me:s3cret@p"), true, PEER));
    assertThat(e).hasMessageContaining("HTTPS_PROXY").hasMessageNotContaining("s3cret");
  }

  @Test
  void proxyUrlGoesBeforeTheEnvironmentAndHoldsForLoopbackToo() {
    Otlp.Config config = TestConfig.http("http://127.0.0.1:1").proxy("http://own:3128").build();
    Map<String, String> environment = Map.of("HTTP_PROXY", "other:1", "NO_PROXY", "*");
    assertThat(config.proxy(environment, false, new Origin(false, "127.0.0.1", 1)).orElseThrow().host()).isEqualTo("own");
  }

  @ParameterizedTest(name = "{0} → proxy {1}")
  @CsvSource({"localhost,false", "127.0.0.1,false", "127.8.9.1,false", "::1,false", "::2,true", "128.0.0.1,true",
      "localhost.example.org,true"})
  void theEnvironmentsProxyIsNotForLoopback(String host, boolean used) {
    Map<String, String> environment = Map.of("HTTPS_PROXY", "p:1");
    assertThat(Proxy.of(environment, true, new Origin(true, host, 4317)).isPresent()).isEqualTo(used);
  }

  @ParameterizedTest(name = "{0} excepts {1}:{2}: {3}")
  @CsvSource({
    "'',tempo.example.org,4317,false",
    "*,tempo.example.org,4317,true",
    "tempo.example.org,tempo.example.org,4317,true",
    "Tempo.Example.org,tempo.example.ORG,4317,true",
    "example.org,tempo.example.org,4317,true",
    "example.org,example.org,4317,true",
    "example.org,badexample.org,4317,false",
    ".example.org,tempo.example.org,4317,true",
    ".example.org,example.org,4317,false",
    "*.example.org,tempo.example.org,4317,true",
    "*.example.org,example.org,4317,false",
    "example.org:4317,tempo.example.org,4317,true",
    "example.org:4318,tempo.example.org,4317,false",
    "'a, ,example.org ',tempo.example.org,4317,true",
    "10.0.0.1,10.0.0.1,4317,true",
    "10.0.0.1:4318,10.0.0.1,4317,false",
    "10.0.0.0/8,10.200.3.4,4317,true",
    "10.0.0.0/8,11.0.0.1,4317,false",
    "10.0.0.0/9,10.200.3.4,4317,false",
    "10.0.0.0/8,tempo.example.org,4317,false",
    "10.0.0.0/99,10.0.0.1,4317,false",
    "10.0.0.0/x,10.0.0.1,4317,false",
    "fd00::/8,fd12::1,4317,true",
    "fd00::1,fd00:0::1,4317,true",
    "[fd00::1]:4317,fd00::1,4317,true",
  })
  void noProxyIsReadAsGoReadsIt(String list, String host, int port, boolean excepted) {
    Map<String, String> environment = Map.of("HTTPS_PROXY", "p:1", "NO_PROXY", list);
    assertThat(Proxy.of(environment, true, new Origin(true, host, port)).isEmpty()).isEqualTo(excepted);
  }
}
