package io.mop.exporters.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import io.mop.exporters.otlp.Otlp.Compression;
import io.mop.exporters.otlp.Otlp.Config;
import io.mop.exporters.otlp.Otlp.Keepalive;
import io.mop.exporters.otlp.Otlp.Protocol;
import io.mop.testkit.TestContext;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OtlpTest {
  private static Config config(String endpoint, String traces, Map<String, Secret> headers) {
    return TestConfig.http(endpoint).traces(traces).headers(headers).compression(null).build();
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
    assertThat(config(url, null, Map.of()).compressionFor(Origin.of(URI.create(url)))).isEqualTo(expected);
  }

  @ParameterizedTest(name = "endpoint {0}, traces_endpoint {1}")
  @CsvSource({
    ",,endpoint,the peer's URL",
    "ftp://tempo:4317,,endpoint,an http or https URL with a host",
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

  private static Config any(String protocol, String endpoint, String insecure) {
    return TestConfig.of()
        .protocol(protocol == null ? null : Protocol.valueOf(protocol))
        .endpoint(endpoint)
        .tls(insecure == null ? null : TestConfig.tls(Boolean.parseBoolean(insecure), false, Optional.empty(), Optional.empty()))
        .build();
  }

  @ParameterizedTest(name = "protocol {0}, {1}, insecure {2} → {3}, TLS {4}")
  @CsvSource({
    ",tempo:4317,,tempo:4317,true",
    ",tempo:4317,true,tempo:4317,false",
    ",tempo:4317,false,tempo:4317,true",
    ",127.0.0.1:4317,,127.0.0.1:4317,true",
    ",[::1]:4317,,[::1]:4317,true",
    "GRPC,http://tempo:4317,,tempo:4317,false",
    "GRPC,http://tempo:4317/,true,tempo:4317,false",
    "GRPC,https://tempo:4317,,tempo:4317,true",
    "GRPC,https://tempo:4317,true,tempo:4317,true",
    "GRPC,https://tempo,,tempo:443,true",
    "GRPC,http://[::1],,[::1]:80,false",
  })
  void grpcIsForHostAndPortAndWhereItIsSaid(
      String protocol, String endpoint, String insecure, String authority, boolean tls) {
    Config c = any(protocol, endpoint, insecure);
    assertThat(c.spoken()).isEqualTo(Protocol.GRPC);
    assertThat(c.grpcPeer().hostPort()).isEqualTo(authority);
    assertThat(c.grpcPeer().tls()).isEqualTo(tls);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"http://h:4317", "https://h:4317", "http://h/x"})
  void aUrlMeansHttp(String endpoint) {
    assertThat(any(null, endpoint, null).spoken()).isEqualTo(Protocol.HTTP);
  }

  @ParameterizedTest(name = "protocol {0}, {1}, insecure {2}")
  @CsvSource({
    ",tempo,,endpoint,host:port or a URL",
    ",tempo:0,,endpoint,host:port or a URL",
    ",tempo:99999,,endpoint,host:port or a URL",
    ",tempo:x,,endpoint,host:port or a URL",
    ",:4317,,endpoint,host:port or a URL",
    ",'',,endpoint,host:port or a URL",
    ",tempo:4317/x,,endpoint,host:port or a URL",
    ",me:pw@tempo:4317,,endpoint,host:port or a URL",
    ",'te mpo:4317',,endpoint,host:port or a URL",
    "HTTP,tempo:4317,,endpoint,an http or https URL",
    "GRPC,http://tempo:4317/v1,,endpoint,no path",
    "GRPC,http://tempo:4317?a=b,,endpoint,no path",
    "GRPC,ftp://tempo:4317,,endpoint,an http or https URL",
    "GRPC,http://tempo:4317,false,endpoint,an https URL",
    "HTTP,http://tempo:4318,false,endpoint,an https URL",
  })
  void aWrongGrpcEndpointIsOneSentence(String protocol, String endpoint, String insecure, String key, String expected) {
    InvalidConfig e = catchThrowableOfType(InvalidConfig.class, () -> any(protocol, endpoint, insecure));
    assertThat(e).isNotNull();
    assertThat(e.key()).isEqualTo(key);
    assertThat(e).hasMessageContaining(expected).hasMessageNotContaining("me:pw");
  }

  @Test
  void aSignalsOwnUrlIsForHttpOnly() {
    InvalidConfig e = catchThrowableOfType(
        InvalidConfig.class, () -> TestConfig.of().endpoint("h:4317").metrics("http://h/x").build());
    assertThat(e.key()).isEqualTo("metrics_endpoint");
    e = catchThrowableOfType(InvalidConfig.class, () -> TestConfig.of().protocol(Protocol.GRPC).build());
    assertThat(e).hasMessageContaining("127.0.0.1:4317");
    e = catchThrowableOfType(
        InvalidConfig.class, () -> TestConfig.of().endpoint("http://h").keepalive(Keepalive.DEFAULT).build());
    assertThat(e.key()).isEqualTo("keepalive");
  }

  @Test
  void thePartThatSpeaksTheProtocolIsMade() {
    Exporter grpc = new Otlp().create(any(null, "127.0.0.1:4317", null), new TestContext("exporters.otlp/test"));
    Exporter http = new Otlp().create(any(null, "http://127.0.0.1:4318", null), new TestContext("exporters.otlp/test"));
    assertThat(List.of(grpc, http)).hasExactlyElementsOfTypes(GrpcExporter.class, HttpExporter.class);
    grpc.close();
    http.close();
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "content-type,x", "grpc-timeout,1S", "'a b',x", "te,x", ":path,x", "authorization,'Bearer s3cret\r\nx: y'",
    "authorization,'s3cret é'",
  })
  void metadataThatCannotBeSentIsRefusedWithoutItsValue(String name, String value) {
    InvalidConfig e = catchThrowableOfType(
        InvalidConfig.class, () -> Headers.grpc(Map.of(name, new Secret(value))));
    assertThat(e).isNotNull();
    assertThat(e.key()).isEqualTo("headers." + name);
    assertThat(e).hasMessageNotContaining("s3cret").hasNoCause();
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
