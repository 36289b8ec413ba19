package io.mop.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.net.ClientAuth;
import io.mop.api.net.ServerAuth;
import io.mop.api.plugin.Provides.Kind;
import io.mop.api.plugin.Secret;
import io.mop.control.ConfigError;
import io.mop.control.Topology.Component;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthenticatorsTest {
  record Server(Optional<ServerAuth> auth) {}

  record Protocols(Optional<Server> grpc, Optional<Server> http) {}

  record Receiver(Protocols protocols) {}

  record Exporter(String endpoint, Optional<ClientAuth> auth) {}

  @TempDir Path directory;

  private Configuration.Result load(String extensions, String grpc, String exporter) throws Exception {
    String yaml = "extensions:\n" + extensions.indent(2) + "receivers:\n  otlp:\n    protocols:\n      grpc: {" + grpc
        + "}\n      http:\nexporters:\n  otlp: {endpoint: a, " + exporter + "}\n"
        + "service:\n  pipelines:\n    traces: {receivers: [otlp], exporters: [otlp]}\n";
    Path file = Files.writeString(directory.resolve("mop.yaml"), yaml);
    var catalog = new Samples.Catalog().with(Kind.RECEIVER, "otlp", "1", Receiver.class)
        .with(Kind.EXPORTER, "otlp", "1", Exporter.class);
    return new Configuration(Samples.ENV::get).load(file, catalog);
  }

  private static Optional<ServerAuth> server(Configuration.Result result) throws ConfigError {
    return component(result, Kind.RECEIVER).binding().bind(Receiver.class).protocols().grpc().orElseThrow().auth();
  }

  private static Optional<ClientAuth> client(Configuration.Result result) throws ConfigError {
    return component(result, Kind.EXPORTER).binding().bind(Exporter.class).auth();
  }

  private static Component component(Configuration.Result result, Kind kind) {
    return result.topology().components().stream().filter(c -> c.kind() == kind).findFirst().orElseThrow();
  }

  @Test
  void bearerTokensOfBothSides() throws Exception {
    var result = load("""
        bearertokenauth/in: {tokens: [a, "${env:TOKEN}"], filename: /etc/tokens}
        bearertokenauth: {scheme: Token, filename: /run/token}
        """, "auth: {authenticator: bearertokenauth/in}", "auth: {authenticator: bearertokenauth}");
    assertThat(result.notes()).isEmpty();
    assertThat(server(result)).contains(new ServerAuth(Optional.of(new ServerAuth.Bearer(Optional.empty(),
        List.of(new Secret("a"), new Secret("hunter2-secret")), Optional.of("/etc/tokens"), "Bearer",
        Duration.ofSeconds(10))), Optional.empty()));
    assertThat(client(result)).contains(new ClientAuth(Optional.of(new ClientAuth.Bearer(Optional.empty(),
        Optional.of("/run/token"), "Token", Duration.ofSeconds(10))), Optional.empty()));
  }

  @Test
  void usersOfBothSides() throws Exception {
    var result = load("""
        basicauth/in:
          htpasswd:
            file: /etc/users
            inline: |
              # of the edge
              alice:${env:TOKEN}
              bob:a:b
        basicauth/out: {client_auth: {username: mop, password: "${env:TOKEN}"}}
        """, "auth: {authenticator: basicauth/in}", "auth: {authenticator: basicauth/out}");
    assertThat(server(result)).contains(new ServerAuth(Optional.empty(), Optional.of(new ServerAuth.Basic(
        Optional.empty(), Optional.empty(), Map.of("alice", new Secret("hunter2-secret"), "bob", new Secret("a:b")),
        Optional.of("/etc/users"), Duration.ofSeconds(10)))));
    assertThat(client(result)).contains(new ClientAuth(Optional.empty(), Optional.of(new ClientAuth.Basic("mop",
        Optional.of(new Secret("hunter2-secret")), Optional.empty(), Duration.ofSeconds(10)))));
  }

  @Test
  void theInlineShapeStaysAndUnusedExtensionsGetANote() throws Exception {
    var result = load("bearertokenauth: {token: x}", "auth: {bearer: {token: y}}", "auth: {bearer: {token: z}}");
    assertThat(result.notes()).containsExactly(
        "mop.yaml:2: extensions.bearertokenauth: accepted, without effect: no auth.authenticator names it");
    assertThat(server(result).orElseThrow().bearer().orElseThrow().token()).contains(new Secret("y"));
  }

  @ParameterizedTest(name = "{0}: {2}")
  @CsvSource(delimiter = '|', value = {
    "bearertokenauth: {token: x}|auth: {authenticator: bearertokenaut}|mop.yaml:9: exporters.otlp.auth.authenticator: "
        + "extension 'bearertokenaut' is not defined; nearest: bearertokenauth",
    "health_check: {}|auth: {authenticator: health_check}|mop.yaml:9: exporters.otlp.auth.authenticator: "
        + "extension 'health_check' is no authenticator; expected one of type basicauth, bearertokenauth",
    "basicauth: {htpasswd: {inline: 'a:hunter2'}}|auth: {authenticator: basicauth}|mop.yaml:9: "
        + "exporters.otlp.auth.authenticator: extension 'basicauth' has no client_auth, which an exporter needs",
    "bearertokenauth: {tokn: x}|auth: {authenticator: bearertokenauth}|mop.yaml:2: extensions.bearertokenauth.tokn: "
        + "unknown key; expected one of scheme, token, tokens, filename, header; nearest: token",
    "bearertokenauth: {}|auth: {authenticator: bearertokenauth}|mop.yaml:9: exporters.otlp.auth.bearer.token: "
        + "expected one of token and token_file",
    "bearertokenauth: {token: x}|auth: {authenticator: [a]}|mop.yaml:9: exporters.otlp.auth.authenticator: "
        + "expected the id of an extension, got a list",
    "bearertokenauth: {token: x}|'auth: {authenticator: bearertokenauth, x: 1}'|mop.yaml:9: exporters.otlp.auth.x: "
        + "unknown key; expected authenticator"
  })
  void everyMistakeIsOneSentenceOnce(String extension, String auth, String says) {
    var error = catchThrowableOfType(ConfigError.class, () -> load(extension, "", auth));
    assertThat(error.problems()).singleElement().asString().startsWith(says).doesNotContain("hunter2");
  }
}
