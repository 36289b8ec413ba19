package io.mop.exporters.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import io.mop.exporters.otlp.Otlp.Protocol;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestOutcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Credentials of {@code auth}, for both protocols. */
class AuthTest {
  @TempDir Path directory;
  private final TestContext context = new TestContext("exporters.otlp/test");
  private final TestOutcome outcome = new TestOutcome();

  @AfterEach
  void check() {
    assertThat(outcome.untaken()).isEmpty();
  }

  private String export(Exporter exporter) {
    exporter.export(Requests.batch(Requests.of(new Random(1), 5)), outcome);
    return outcome.take();
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Protocol.class)
  void aTokenAndAPasswordAreSent(Protocol protocol) {
    try (Peers peer = Peers.plain(protocol)) {
      for (TestConfig config : new TestConfig[] {peer.config().bearer("t0ken"), peer.config().basic("me", "pw")}) {
        Exporter exporter = Peers.exporter(config.headers(Map.of("x-scope-orgid", new Secret("eu"))), context);
        assertThat(export(exporter)).isEqualTo("delivered");
        exporter.close();
      }
      assertThat(peer.headers("authorization")).containsExactly("Bearer t0ken", "Basic bWU6cHc=");
      assertThat(peer.headers("x-scope-orgid")).containsExactly("eu", "eu");
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Protocol.class)
  void aFilesTokenIsReadAgain(Protocol protocol) throws Exception {
    Path file = Files.writeString(directory.resolve("token"), "first\n");
    try (Peers peer = Peers.plain(protocol)) {
      Exporter exporter = Peers.exporter(peer.config().bearerFile(file.toString()), context);
      assertThat(export(exporter)).isEqualTo("delivered");
      Files.writeString(file, "second\n");
      context.advance(Duration.ofSeconds(10));
      assertThat(export(exporter)).isEqualTo("delivered");
      exporter.close();
      assertThat(peer.headers("authorization")).containsExactly("Bearer first", "Bearer second");
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Protocol.class)
  void aRefusalLooksAtTheFileAtOnceAndLosesNothing(Protocol protocol) throws Exception {
    Path file = Files.writeString(directory.resolve("token"), "0ld");
    try (Peers peer = Peers.plain(protocol)) {
      Exporter exporter = Peers.exporter(peer.config().bearerFile(file.toString()), context);
      assertThat(export(exporter)).isEqualTo("delivered");
      Files.writeString(file, "renewed");
      peer.refuseNext();
      assertThat(export(exporter)).startsWith(
          "retry PT0S " + peer.shown(false) + "the peer does not take the credentials of auth, which are sent again: ");
      assertThat(context.unhealthy().orElseThrow()).contains("credentials of auth").doesNotContain("0ld");
      assertThat(export(exporter)).as("without waiting for the interval").isEqualTo("delivered");
      exporter.close();
      assertThat(peer.headers("authorization")).containsExactly("Bearer 0ld", "Bearer 0ld", "Bearer renewed");
      assertThat(context.unhealthy()).isEmpty();
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Protocol.class)
  void withoutAuthARefusalIsFinalAsTheSpecificationSays(Protocol protocol) {
    try (Peers peer = Peers.plain(protocol)) {
      Exporter exporter =
          Peers.exporter(peer.config().headers(Map.of("Authorization", new Secret("Bearer x"))), context);
      peer.refuseNext();
      assertThat(export(exporter)).startsWith("rejected " + peer.shown(false));
      exporter.close();
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Protocol.class)
  void twoKindsOfCredentialsAreAMistake(Protocol protocol) {
    try (Peers peer = Peers.plain(protocol)) {
      TestConfig both = peer.config().bearer("x").headers(Map.of("Authorization", new Secret("y")));
      InvalidConfig e = catchThrowableOfType(InvalidConfig.class, () -> Peers.exporter(both, context));
      assertThat(e).isNotNull();
      assertThat(e.key()).isEqualTo("auth");
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Protocol.class)
  void aMissingFileIsOneSentence(Protocol protocol) {
    try (Peers peer = Peers.plain(protocol)) {
      InvalidConfig e = catchThrowableOfType(InvalidConfig.class,
          () -> Peers.exporter(peer.config().bearerFile(directory.resolve("none").toString()), context));
      assertThat(e).isNotNull();
      assertThat(e.key()).isEqualTo("auth.bearer.token_file");
    }
  }
}
