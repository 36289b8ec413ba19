package io.mop.api.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mop.api.plugin.InvalidConfig;
import io.mop.api.plugin.Secret;
import io.mop.testkit.TestCertificates;
import io.mop.testkit.TestContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReloadingTlsTest {
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  @TempDir Path dir;
  private final TestContext context = new TestContext("receivers.otlp");
  private final TestCertificates ca = new TestCertificates("ca");

  @BeforeEach
  void files() {
    ca.write(dir.resolve("ca.crt"));
    ca.issue("server", "EC").write(dir, "server");
    ca.issue("client", "EC").write(dir, "client");
  }

  private Optional<String> file(String name) {
    return Optional.of(dir.resolve(name).toString());
  }

  private ServerTls server(Optional<String> clientCa, String min) {
    return new ServerTls(file("server.crt"), Optional.empty(), file("server.key"), Optional.empty(), clientCa, true,
        min, Optional.empty(), List.of(), INTERVAL);
  }

  private ReloadingTls server() {
    return ReloadingTls.server("tls", server(Optional.empty(), "1.2"), context);
  }

  private ClientTls client(boolean skip, Optional<String> ca, boolean identified, String override) {
    return new ClientTls(false, skip, ca, Optional.empty(), false,
        identified ? file("client.crt") : Optional.empty(), Optional.empty(),
        identified ? file("client.key") : Optional.empty(), Optional.empty(),
        Optional.of(override).filter(o -> !o.isEmpty()), "1.2", Optional.empty(), List.of(), INTERVAL);
  }

  private ReloadingTls client() {
    return ReloadingTls.client("tls", client(false, file("ca.crt"), false, ""), context);
  }

  private static Handshake shake(ReloadingTls client, ReloadingTls server) throws SSLException {
    return Handshake.of(client.sslContext(), server.sslContext(), "localhost");
  }

  @ParameterizedTest(name = "{0}, traditional form: {1}")
  @CsvSource({"RSA,false", "RSA,true", "EC,false", "EC,true", "Ed25519,false"})
  void keysOfEveryKindAndForm(String algorithm, boolean traditional) throws Exception {
    var issued = ca.issue("server", algorithm).write(dir, "server");
    if (traditional) {
      assertThat(issued.traditionalKeyPem()).contains(algorithm + " PRIVATE KEY");
      Files.writeString(dir.resolve("server.key"), issued.traditionalKeyPem());
    }
    assertThat(shake(client(), server()).serverName()).isEqualTo("CN=server");
  }

  @Test
  void certificatesInTheConfigurationItself() throws Exception {
    var issued = ca.issue("inline", "EC");
    ServerTls tls = new ServerTls(Optional.empty(), Optional.of(issued.certPem()), Optional.empty(),
        Optional.of(new Secret(issued.keyPem())), Optional.empty(), true, "1.3", Optional.empty(), List.of(), INTERVAL);
    assertThat(shake(client(), ReloadingTls.server("tls", tls, context)).serverName()).isEqualTo("CN=inline");
    assertThat(tls.toString()).doesNotContain(issued.keyPem()).contains("***");
  }

  @Test
  void newConnectionsGetTheNewCertificateOnceTheIntervalIsOver() throws Exception {
    ReloadingTls server = server();
    ReloadingTls client = client();
    Handshake open = shake(client, server);
    ca.issue("renewed", "RSA").write(dir, "server");
    assertThat(shake(client, server).serverName()).isEqualTo("CN=server");
    context.advance(INTERVAL);
    assertThat(shake(client, server).serverName()).isEqualTo("CN=renewed");
    assertThat(open.client().isOutboundDone() || open.server().isOutboundDone()).as("the open one stays").isFalse();
    assertThat(context.count("credential_reloads")).isEqualTo(1);
    assertThat(context.count("credential_reload_failures")).isZero();
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"empty", "garbage", "another key", "gone"})
  void aBrokenFileKeepsTheOldCertificateAndHeals(String what) throws Exception {
    ReloadingTls server = server();
    ReloadingTls client = client();
    Path key = dir.resolve("server.key");
    switch (what) {
      case "empty" -> Files.writeString(key, "");
      case "garbage" -> Files.writeString(key, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
      case "another key" -> Files.writeString(key, ca.issue("x", "EC").keyPem());
      default -> Files.delete(key);
    }
    for (int i = 0; i < 3; i++) {
      context.advance(INTERVAL);
      assertThat(shake(client, server).serverName()).isEqualTo("CN=server");
    }
    assertThat(context.count("credential_reload_failures")).as("one fault, not one a look").isEqualTo(1);
    assertThat(context.unhealthy()).get().asString().startsWith("tls.key_file: expected ").contains("stays in use")
        .doesNotContain("AAAA");
    ca.issue("healed", "EC").write(dir, "server");
    context.advance(INTERVAL);
    assertThat(shake(client, server).serverName()).isEqualTo("CN=healed");
    assertThat(context.unhealthy()).isEmpty();
  }

  @Test
  void clientsMustShowACertificateOfTheIssuer() throws Exception {
    ReloadingTls server = ReloadingTls.server("tls", server(file("ca.crt"), "1.2"), context);
    ReloadingTls known = ReloadingTls.client("tls", client(false, file("ca.crt"), true, ""), context);
    assertThat(shake(known, server).clientName()).isEqualTo("CN=client");
    assertThatThrownBy(() -> shake(client(), server)).isInstanceOf(SSLException.class);
    new TestCertificates("other").issue("stranger", "EC").write(dir, "client");
    ReloadingTls stranger = ReloadingTls.client("tls", client(false, file("ca.crt"), true, ""), context);
    assertThatThrownBy(() -> shake(stranger, server)).isInstanceOf(SSLException.class);
  }

  @Test
  void aClientThatIsTrustedNoLongerCannotResumeItsSession() throws Exception {
    ReloadingTls server = ReloadingTls.server("tls", server(file("ca.crt"), "1.2"), context);
    ReloadingTls known = ReloadingTls.client("tls", client(false, file("ca.crt"), true, ""), context);
    shake(known, server);
    Files.writeString(dir.resolve("ca.crt"), new TestCertificates("next").pem());
    context.advance(INTERVAL);
    // The client goes on trusting the old issuer: its own files are the same but for the moment it looked.
    assertThatThrownBy(() -> shake(known, server)).isInstanceOf(SSLException.class);
  }

  @Test
  void theServerMustBeTheOneAskedFor() throws Exception {
    ReloadingTls server = server();
    assertThatThrownBy(() -> Handshake.of(client().sslContext(), server.sslContext(), "elsewhere.test"))
        .isInstanceOf(SSLException.class);
    ReloadingTls override = ReloadingTls.client("tls", client(false, file("ca.crt"), false, "localhost"), context);
    assertThat(Handshake.of(override.sslContext(), server.sslContext(), "elsewhere.test").serverName())
        .isEqualTo("CN=server");
    ReloadingTls system = ReloadingTls.client("tls", ClientTls.DEFAULT, context);
    assertThatThrownBy(() -> shake(system, server)).isInstanceOf(SSLException.class);
    ReloadingTls anyone = ReloadingTls.client("tls", client(true, Optional.empty(), false, ""), context);
    assertThat(Handshake.of(anyone.sslContext(), server.sslContext(), "elsewhere.test").serverName())
        .isEqualTo("CN=server");
  }

  @Test
  void theOldestVersionIsObeyed() throws Exception {
    ReloadingTls modern = ReloadingTls.server("tls", server(Optional.empty(), "1.3"), context);
    ClientTls c = client(false, file("ca.crt"), false, "");
    ClientTls old = new ClientTls(false, false, c.caFile(), Optional.empty(), false, Optional.empty(), Optional.empty(),
        Optional.empty(), Optional.empty(), Optional.empty(), "1.2", Optional.of("1.2"), List.of(), INTERVAL);
    ReloadingTls older = ReloadingTls.client("tls", old, context);
    assertThatThrownBy(() -> shake(older, modern)).isInstanceOf(SSLException.class);
    assertThat(shake(older, server()).client().getSession().getProtocol()).isEqualTo("TLSv1.2");
    assertThat(shake(client(), modern).client().getSession().getProtocol()).isEqualTo("TLSv1.3");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "server.crt, missing, tls.cert_file, does not",
    "server.crt, nothing, tls.cert_file, at least one certificate",
    "server.key, missing, tls.key_file, does not",
    "server.key, encrypted, tls.key_file, not encrypted",
    "server.key, certificate, tls.key_file, a private key in PEM",
    "ca.crt, key, tls.client_ca_file, at least one certificate"
  })
  void unusableFilesAreOneSentenceWithTheKey(String name, String what, String key, String says) throws IOException {
    Path file = dir.resolve(name);
    switch (what) {
      case "missing" -> Files.delete(file);
      case "nothing" -> Files.writeString(file, "hello");
      case "encrypted" -> Files.writeString(file,
          "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
      case "certificate" -> Files.writeString(file, ca.pem());
      default -> Files.copy(dir.resolve("server.key"), file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    assertThatThrownBy(() -> ReloadingTls.server("tls", server(file("ca.crt"), "1.2"), context))
        .isInstanceOfSatisfying(InvalidConfig.class, e -> assertThat(e.key()).isEqualTo(key))
        .hasMessageContaining(says).hasMessageContaining(file.toString()).hasMessageNotContaining("\n");
  }

  @Test
  void valuesThatNoTypeExcludes() {
    assertThatThrownBy(() -> server(Optional.empty(), "1.1")).isInstanceOf(InvalidConfig.class)
        .hasMessageStartingWith("1.2 or 1.3");
    assertThatThrownBy(() -> new ServerTls(Optional.empty(), Optional.empty(), file("k"), Optional.empty(),
        Optional.empty(), true, "1.2", Optional.empty(), List.of(), INTERVAL))
        .isInstanceOf(InvalidConfig.class).hasMessage("one of cert_file and cert_pem");
    assertThatThrownBy(() -> new ClientTls(false, false, Optional.empty(), Optional.empty(), false, file("c"),
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), "1.2", Optional.empty(), List.of(),
        INTERVAL)).isInstanceOf(InvalidConfig.class).hasMessage("both cert_file and key_file, or neither");
    ServerTls odd = new ServerTls(file("server.crt"), Optional.empty(), file("server.key"), Optional.empty(),
        Optional.empty(), true, "1.2", Optional.empty(), List.of("TLS_NONE"), INTERVAL);
    assertThatThrownBy(() -> ReloadingTls.server("tls", odd, context)).isInstanceOf(InvalidConfig.class)
        .hasMessageContaining("TLS_NONE");
  }
}
