package io.mop.exporters.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.net.ClientTls;
import io.mop.api.pipeline.Exporter;
import io.mop.exporters.otlp.Otlp.Protocol;
import io.mop.testkit.TestCertificates;
import io.mop.testkit.TestCertificates.Issued;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestOutcome;
import io.mop.testkit.TestProxy;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Real TLS servers of both protocols, with certificates of an authority of their own. */
class TlsTest {
  @TempDir Path directory;
  private final TestCertificates authority = new TestCertificates("authority");
  private final Issued server = authority.issue("server", "EC");
  private final TestContext context = new TestContext("exporters.otlp/test");
  private final TestOutcome outcome = new TestOutcome();
  private Path ca;

  @BeforeEach
  void write() {
    ca = authority.write(directory.resolve("ca.pem"));
  }

  @AfterEach
  void check() {
    assertThat(outcome.untaken()).isEmpty();
  }

  private String export(Exporter exporter) {
    exporter.export(Requests.batch(Requests.of(new Random(1), 5)), outcome);
    return outcome.take();
  }

  private ClientTls trusting(Path file) {
    return TestConfig.tls(false, false, Optional.of(file.toString()), Optional.empty());
  }

  /** @param name of the client's certificate and key in the directory */
  private ClientTls mutual(String name) {
    return TestConfig.tls(false, false, Optional.of(ca.toString()), Optional.of(directory.resolve(name + ".pem").toString()));
  }

  private void writeClient(TestCertificates by) throws Exception {
    Issued own = by.issue("client", "EC");
    Files.writeString(directory.resolve("client.pem"), own.certPem());
    Files.writeString(directory.resolve("client.key"), own.keyPem());
  }

  private static TestConfig named(TestConfig config, ClientTls tls, String name) {
    return config.tls(new ClientTls(tls.insecure(), tls.insecureSkipVerify(), tls.caFile(), tls.caPem(), false,
        tls.certFile(), tls.certPem(), tls.keyFile(), tls.keyPem(), Optional.of(name), "1.2", Optional.empty(),
        List.of(), tls.reloadInterval()));
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Protocol.class)
  void aTrustedPeerGetsEveryByte(Protocol protocol) throws Exception {
    try (Peers peer = Peers.tls(protocol, server, Optional.empty())) {
      Exporter exporter = Peers.exporter(peer.config().tls(trusting(ca)), context);
      ExportTraceServiceRequest request = Requests.of(new Random(1), 50_000);
      for (int i = 0; i < 2; i++) {
        exporter.export(Requests.batch(request), outcome);
        assertThat(outcome.take()).isEqualTo("delivered");
      }
      exporter.close();
      assertThat(peer.bodies()).hasSize(2);
      for (byte[] body : peer.bodies()) assertThat(ExportTraceServiceRequest.parseFrom(body)).isEqualTo(request);
      assertThat(context.health()).isEmpty();
    }
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({
    "GRPC,'the JDK''s authorities','the certificate of PEER is not signed by an authority that the Java runtime trusts: '",
    "HTTP,'the JDK''s authorities','the certificate of PEER is not signed by an authority that the Java runtime trusts: '",
    "GRPC,another authority,the certificate of PEER is not signed by CA: ",
    "HTTP,another authority,the certificate of PEER is not signed by CA: ",
    "GRPC,expired,the certificate of PEER has expired: NotAfter: ",
    "HTTP,expired,the certificate of PEER has expired: NotAfter: ",
    "GRPC,another name,the certificate of PEER is for another name: No subject alternative names",
    "HTTP,another name,the certificate of PEER is for another name: No subject alternative names",
    "GRPC,no client certificate,'PEER does not take the client certificate of tls: { cert_file, key_file }, or misses one: '",
    "HTTP,no client certificate,'PEER does not take the client certificate of tls: { cert_file, key_file }, or misses one: '",
    "GRPC,a stranger's certificate,'PEER does not take the client certificate of tls: { cert_file, key_file }, or misses one: '",
    "HTTP,a stranger's certificate,'PEER does not take the client certificate of tls: { cert_file, key_file }, or misses one: '",
  })
  void whyThereIsNoTrustIsOneSentenceAndNothingIsLost(Protocol protocol, String what, String expected) throws Exception {
    Path foreign = new TestCertificates("foreign").write(directory.resolve("foreign.pem"));
    boolean mutual = what.endsWith("certificate");
    Issued own = switch (what) {
      case "expired" ->
          authority.issue("server", "EC", Instant.now().minus(Duration.ofHours(1)), List.of("127.0.0.1"));
      case "another name" ->
          authority.issue("server", "EC", Instant.now().plus(Duration.ofHours(1)), List.of("tempo.example.org"));
      default -> server;
    };
    writeClient(new TestCertificates("stranger"));
    ClientTls tls = switch (what) {
      case "the JDK's authorities" -> null;
      case "another authority" -> trusting(foreign);
      case "a stranger's certificate" -> mutual("client");
      default -> trusting(ca);
    };
    try (Peers peer = Peers.tls(protocol, own, mutual ? Optional.of(ca) : Optional.empty())) {
      Exporter exporter = Peers.exporter(peer.config().tls(tls), context);
      String sentence = peer.shown(true) + expected.replace("PEER", peer.hostPort()).replace("CA", foreign.toString());
      for (int i = 0; i < 3; i++) assertThat(export(exporter)).startsWith("retry PT0S " + sentence);
      assertThat(context.health()).as("told once").singleElement().asString().startsWith(sentence);
      exporter.close();
      assertThat(peer.bodies()).isEmpty();
    }
  }

  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource({
    "GRPC,plain peer,'PEER does not speak TLS; for plain text set tls: { insecure: true } and no https scheme'",
    "GRPC,plain exporter,'expects TLS: use an https scheme, or host:port without tls: { insecure: true }'",
    "HTTP,plain exporter,'the answer is not HTTP/1.1; is TLS expected, https?'",
  })
  void onlyOneSideWithTlsIsOneSentence(Protocol protocol, String what, String expected) {
    boolean peersTls = what.equals("plain exporter");
    try (Peers peer = peersTls ? Peers.tls(protocol, server, Optional.empty()) : Peers.plain(protocol)) {
      Exporter exporter = Peers.exporter(peer.config(!peersTls), context);
      assertThat(export(exporter)).startsWith("retry PT0S " + peer.shown(!peersTls))
          .endsWith(expected.replace("PEER", peer.hostPort()));
      exporter.close();
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Protocol.class)
  void aReplacedAuthorityIsReadAndNothingIsLost(Protocol protocol) throws Exception {
    Path file = new TestCertificates("old").write(directory.resolve("changing.pem"));
    try (Peers peer = Peers.tls(protocol, server, Optional.empty())) {
      Exporter exporter = Peers.exporter(peer.config().tls(trusting(file)), context);
      assertThat(export(exporter)).contains("is not signed by " + file);
      authority.write(file);
      context.advance(Duration.ofSeconds(10));
      // A channel may not have noticed yet that its first connection failed.
      Await.until("a delivery", () -> export(exporter).equals("delivered"));
      exporter.close();
      assertThat(context.health()).endsWith("healthy");
      assertThat(context.count("credential_reloads")).isEqualTo(1);
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Protocol.class)
  void aRenewedClientCertificateIsShown(Protocol protocol) throws Exception {
    writeClient(new TestCertificates("stranger"));
    try (Peers peer = Peers.tls(protocol, server, Optional.of(ca))) {
      Exporter exporter = Peers.exporter(peer.config().tls(mutual("client")), context);
      assertThat(export(exporter)).contains("does not take the client certificate");
      writeClient(authority);
      context.advance(Duration.ofSeconds(10));
      // A channel may not have noticed yet that its first connection failed.
      Await.until("a delivery", () -> export(exporter).equals("delivered"));
      exporter.close();
      assertThat(peer.bodies()).hasSize(1);
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Protocol.class)
  void theNameOfACertificateCanBeGivenOrItsCheckLeftOut(Protocol protocol) {
    Issued other = authority.issue("server", "EC", Instant.now().plus(Duration.ofHours(1)), List.of("tempo.example.org"));
    try (Peers peer = Peers.tls(protocol, other, Optional.empty())) {
      Exporter given = Peers.exporter(named(peer.config(), trusting(ca), "tempo.example.org"), context);
      assertThat(export(given)).isEqualTo("delivered");
      given.close();
      Exporter wrong = Peers.exporter(named(peer.config(), trusting(ca), "loki.example.org"), context);
      assertThat(export(wrong)).contains("is for another name");
      wrong.close();
      ClientTls anyone = TestConfig.tls(false, true, Optional.empty(), Optional.empty());
      Exporter unchecked = Peers.exporter(peer.config().tls(anyone), context);
      assertThat(export(unchecked)).isEqualTo("delivered");
      unchecked.close();
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource(Protocol.class)
  void tlsGoesThroughAProxysTunnelToThePeersName(Protocol protocol) {
    Issued named = authority.issue("server", "EC", Instant.now().plus(Duration.ofHours(1)), List.of("far.invalid"));
    try (Peers peer = Peers.tls(protocol, named, Optional.empty()); TestProxy proxy = new TestProxy().expect("me", "pw")) {
      String to = (protocol == Protocol.HTTP ? "https://" : "") + "far.invalid:" + peer.port();
      TestConfig config = TestConfig.of().protocol(protocol).endpoint(to).tls(trusting(ca))
          .proxy("http://me:pw@127.0.0.1:" + proxy.port());
      Exporter exporter = Peers.exporter(config, context);
      for (int i = 0; i < 2; i++) assertThat(export(exporter)).isEqualTo("delivered");
      exporter.close();
      assertThat(proxy.asked()).containsExactly("CONNECT far.invalid:" + peer.port() + " HTTP/1.1");
    }
  }
}
