package io.mop.exporters.otlp;

import io.mop.api.net.ClientAuth;
import io.mop.api.net.ClientTls;
import io.mop.api.plugin.Secret;
import io.mop.exporters.otlp.Otlp.Compression;
import io.mop.exporters.otlp.Otlp.Config;
import io.mop.exporters.otlp.Otlp.Keepalive;
import io.mop.exporters.otlp.Otlp.Protocol;
import io.mop.testkit.TestOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Configurations of which a test says only what matters to it: not compressed, unless it does. */
final class TestConfig {
  /** {@code tls: { insecure: true }}. */
  static final ClientTls INSECURE = tls(true, false, Optional.empty(), Optional.empty());

  private Optional<Protocol> protocol = Optional.empty();
  private Optional<String> endpoint = Optional.empty();
  private Optional<String> traces = Optional.empty();
  private Optional<String> metrics = Optional.empty();
  private Map<String, Secret> headers = Map.of();
  private Duration timeout = TestOutcome.LIMIT;
  private Optional<Compression> compression = Optional.of(Compression.NONE);
  private Optional<ClientTls> tls = Optional.empty();
  private Optional<ClientAuth> auth = Optional.empty();
  private Optional<Secret> proxy = Optional.empty();
  private Optional<Keepalive> keepalive = Optional.empty();

  static TestConfig of() {
    return new TestConfig();
  }

  static TestConfig http(String url) {
    return of().protocol(Protocol.HTTP).endpoint(url);
  }

  /** Plain text, unless {@code endpoint} says https or {@link #tls} is called. */
  static TestConfig grpc(String endpoint) {
    return of().protocol(Protocol.GRPC).endpoint(endpoint).tls(INSECURE);
  }

  static ClientTls tls(boolean insecure, boolean skipVerify, Optional<String> caFile, Optional<String> certFile) {
    return new ClientTls(insecure, skipVerify, caFile, Optional.empty(), false, certFile, Optional.empty(),
        certFile.map(f -> f.replace(".pem", ".key")), Optional.empty(), Optional.empty(), "1.2", Optional.empty(), List.of(),
        Duration.ofSeconds(10));
  }

  TestConfig protocol(Protocol p) {
    protocol = Optional.ofNullable(p);
    return this;
  }

  TestConfig endpoint(String to) {
    endpoint = Optional.ofNullable(to);
    return this;
  }

  TestConfig traces(String url) {
    traces = Optional.ofNullable(url);
    return this;
  }

  TestConfig metrics(String url) {
    metrics = Optional.of(url);
    return this;
  }

  TestConfig headers(Map<String, Secret> all) {
    headers = all;
    return this;
  }

  TestConfig timeout(Duration longest) {
    timeout = longest;
    return this;
  }

  /** @param kind null = the default */
  TestConfig compression(Compression kind) {
    compression = Optional.ofNullable(kind);
    return this;
  }

  /** @param settings null = absent */
  TestConfig tls(ClientTls settings) {
    tls = Optional.ofNullable(settings);
    return this;
  }

  TestConfig bearerFile(String file) {
    return auth(new ClientAuth(
        Optional.of(new ClientAuth.Bearer(Optional.empty(), Optional.of(file), "Bearer", Duration.ofSeconds(10))),
        Optional.empty()));
  }

  TestConfig bearer(String token) {
    return auth(new ClientAuth(
        Optional.of(new ClientAuth.Bearer(Optional.of(new Secret(token)), Optional.empty(), "Bearer", Duration.ZERO)),
        Optional.empty()));
  }

  TestConfig basic(String user, String password) {
    return auth(new ClientAuth(Optional.empty(), Optional.of(
        new ClientAuth.Basic(user, Optional.of(new Secret(password)), Optional.empty(), Duration.ZERO))));
  }

  private TestConfig auth(ClientAuth credentials) {
    auth = Optional.of(credentials);
    return this;
  }

  TestConfig proxy(String url) {
    proxy = Optional.of(new Secret(url));
    return this;
  }

  TestConfig keepalive(Keepalive settings) {
    keepalive = Optional.of(settings);
    return this;
  }

  Config build() {
    return new Config(protocol, endpoint, traces, metrics, Optional.empty(), headers, timeout, compression, tls, auth,
        proxy, keepalive);
  }
}
