package io.mop.api.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import io.mop.testkit.TestContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final Secret TOKEN = new Secret("s3cret");

  @TempDir Path dir;
  private final TestContext context = new TestContext("exporters.otlp");

  private static Optional<ClientAuth> bearer(Optional<Secret> token, Optional<String> file) {
    return Optional.of(new ClientAuth(Optional.of(new ClientAuth.Bearer(token, file, "Bearer", INTERVAL)),
        Optional.empty()));
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static ServerAuth servers(ServerAuth.Bearer bearer, ServerAuth.Basic basic) {
    return new ServerAuth(Optional.ofNullable(bearer), Optional.ofNullable(basic));
  }

  private ServerCredentials server(ServerAuth auth) {
    return ServerCredentials.of("auth", auth, context);
  }

  @Test
  void aTokenBesideOtherHeaders() {
    var credentials = ClientCredentials.of("auth", bearer(Optional.of(TOKEN), Optional.empty()),
        Map.of("X-Scope-OrgID", new Secret("eu")), context);
    assertThat(credentials.headers()).hasSize(2).containsEntry("x-scope-orgid", new Secret("eu"))
        .containsEntry("authorization", new Secret("Bearer s3cret"));
    assertThat(credentials.headers().toString()).doesNotContain("s3cret");
  }

  @Test
  void aTokenFileIsReadAgainAndABrokenOneChangesNothing() throws Exception {
    Path file = Files.writeString(dir.resolve("token"), "one\n");
    var credentials = ClientCredentials.of("auth", bearer(Optional.empty(), Optional.of(file.toString())), Map.of(),
        context);
    Files.writeString(file, "two\n");
    assertThat(credentials.headers().get("authorization").reveal()).isEqualTo("Bearer one");
    context.advance(INTERVAL);
    assertThat(credentials.headers().get("authorization").reveal()).isEqualTo("Bearer two");
    Files.writeString(file, "tw\no");
    context.advance(INTERVAL);
    assertThat(credentials.headers().get("authorization").reveal()).isEqualTo("Bearer two");
    assertThat(context.unhealthy()).get().asString().contains("auth.bearer.token_file").doesNotContain("tw");
    Files.writeString(file, "three");
    context.advance(INTERVAL);
    assertThat(credentials.headers().get("authorization").reveal()).isEqualTo("Bearer three");
    assertThat(context.unhealthy()).isEmpty();
    assertThat(context.count("credential_reload_failures")).isEqualTo(1);
  }

  @Test
  void userAndPassword() throws Exception {
    Path file = Files.writeString(dir.resolve("password"), "pä ss\n");
    var auth = new ClientAuth(Optional.empty(), Optional.of(
        new ClientAuth.Basic("mop", Optional.empty(), Optional.of(file.toString()), INTERVAL)));
    var credentials = ClientCredentials.of("auth", Optional.of(auth), Map.of(), context);
    String sent = credentials.headers().get("authorization").reveal();
    assertThat(sent).isEqualTo(basic("mop:pä ss"));
    var server = server(servers(null, new ServerAuth.Basic(Optional.of("mop"), Optional.of(new Secret("pä ss")),
        Map.of(), Optional.empty(), INTERVAL)));
    assertThat(server.accept(sent)).isTrue();
  }

  @Test
  void clientsAreRefusedTwoAuthorizations() {
    assertThatThrownBy(() -> ClientCredentials.of("auth", bearer(Optional.of(TOKEN), Optional.empty()),
        Map.of("Authorization", TOKEN), context)).isInstanceOf(InvalidConfig.class).hasMessageNotContaining("s3cret");
    assertThatThrownBy(() -> ClientCredentials.of("auth", Optional.empty(), Map.of("x", new Secret("s3cret\r\ny: z")),
        context)).isInstanceOf(InvalidConfig.class).hasMessageNotContaining("s3cret");
    assertThatThrownBy(() -> new ClientAuth(Optional.empty(), Optional.empty())).isInstanceOf(InvalidConfig.class);
    assertThatThrownBy(() -> bearer(Optional.of(TOKEN), Optional.of("f"))).isInstanceOf(InvalidConfig.class)
        .hasMessage("one of token and token_file");
  }

  @ParameterizedTest(name = "''{0}''")
  @ValueSource(strings = {"", "Bearer", "Bearer ", "Bearer s3cre", "Bearer s3cret2", "Basic s3cret", "s3cret",
      "Bearer  ", "Bearer old,s3cret", "Basic !!!"})
  void wrongTokens(String authorization) {
    var server = server(servers(new ServerAuth.Bearer(Optional.of(TOKEN), List.of(new Secret("old")), Optional.empty(),
        "Bearer", INTERVAL), null));
    assertThat(server.accept(authorization)).isFalse();
    assertThat(server.accept("Bearer s3cret")).isTrue();
    assertThat(server.accept("bearer old")).as("schemes have no case").isTrue();
    assertThat(server.challenges()).containsExactly("Bearer realm=\"mop\"");
  }

  @Test
  void aFileOfTokensIsReadAgain() throws Exception {
    Path file = Files.writeString(dir.resolve("tokens"), "# clients\na\n\n b \n");
    var server = server(servers(new ServerAuth.Bearer(Optional.empty(), List.of(), Optional.of(file.toString()),
        "Bearer", INTERVAL), null));
    assertThat(List.of("a", "b", "c", "# clients").stream().filter(t -> server.accept("Bearer " + t)))
        .containsExactly("a", "b");
    Files.writeString(file, "c\n");
    context.advance(INTERVAL);
    assertThat(server.accept("Bearer a")).isFalse();
    assertThat(server.accept("Bearer c")).isTrue();
    Files.writeString(file, "# none\n");
    context.advance(INTERVAL);
    assertThat(server.accept("Bearer c")).as("an empty file lets nobody in by accident, nor out").isTrue();
    assertThat(context.unhealthy()).get().asString().contains("auth.bearer.token_file");
  }

  @Test
  void aFileOfUsersAndATokenTogether() throws Exception {
    Path file = Files.writeString(dir.resolve("users"), "alice:a:b\nbob:x\n");
    var server = server(servers(
        new ServerAuth.Bearer(Optional.of(TOKEN), List.of(), Optional.empty(), "Bearer", INTERVAL),
        new ServerAuth.Basic(Optional.empty(), Optional.empty(), Map.of("eve", new Secret("e")),
            Optional.of(file.toString()), INTERVAL)));
    assertThat(server.accept(basic("alice:a:b"))).isTrue();
    assertThat(server.accept(basic("bob:x"))).isTrue();
    assertThat(server.accept(basic("eve:e"))).isTrue();
    assertThat(server.accept("Bearer s3cret")).isTrue();
    assertThat(server.accept(basic("alice:a"))).isFalse();
    assertThat(server.accept(basic("bob"))).isFalse();
    assertThat(server.accept("Bearer bob:x")).as("a pair is no token").isFalse();
    assertThat(server.challenges()).hasSize(2);
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"alice", ":x", "alice:", "alice:$2y$05$abcdefghijklmnopqrstuv", "alice:{SHA}abc"})
  void linesThatAreNoPlainUser(String line) throws Exception {
    Path file = Files.writeString(dir.resolve("users"), line + "\n");
    var auth = servers(null, new ServerAuth.Basic(Optional.empty(), Optional.empty(), Map.of(),
        Optional.of(file.toString()), INTERVAL));
    assertThatThrownBy(() -> server(auth)).isInstanceOfSatisfying(InvalidConfig.class,
        e -> assertThat(e.key()).isEqualTo("auth.basic.users_file")).hasMessageNotContaining("abc");
  }
}
