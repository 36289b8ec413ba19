package io.mop.plugins.otlp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.mop.api.data.Signal;
import io.mop.api.net.ClientTls;
import io.mop.api.net.ReloadingTls;
import io.mop.api.net.ServerTls;
import io.mop.api.plugin.InvalidConfig;
import io.mop.testkit.TestCertificates;
import io.mop.testkit.TestContext;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {
  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final byte[] BODY = Telemetry.traces(3);
  private static final Logger QUIET = Logger.getLogger(Door.class.getName());

  @TempDir Path dir;
  private final TestCertificates ca = new TestCertificates("ca");
  private final TestContext clients = new TestContext("client");

  @BeforeEach
  void files() {
    QUIET.setLevel(Level.OFF);
    ca.write(dir.resolve("ca.crt"));
    ca.issue("server", "EC").write(dir, "server");
    ca.issue("client", "EC").write(dir, "client");
  }

  @AfterEach
  void loud() {
    QUIET.setLevel(null);
  }

  private Optional<String> file(String name) {
    return Optional.of(dir.resolve(name).toString());
  }

  private ServerTls server(boolean mutual, String min) {
    return new ServerTls(file("server.crt"), Optional.empty(), file("server.key"), Optional.empty(),
        mutual ? file("ca.crt") : Optional.empty(), true, min, Optional.empty(), List.of(), INTERVAL);
  }

  private Running running(boolean mutual) {
    return new Running(Running.config(Optional.of(server(mutual, "1.2")), Optional.empty()));
  }

  private SSLContext client(boolean identified) {
    ClientTls tls = new ClientTls(false, false, file("ca.crt"), Optional.empty(), false,
        identified ? file("client.crt") : Optional.empty(), Optional.empty(),
        identified ? file("client.key") : Optional.empty(), Optional.empty(), Optional.empty(), "1.2",
        Optional.empty(), List.of(), INTERVAL);
    return ReloadingTls.client("tls", tls, clients).sslContext();
  }

  private static void sendBoth(Running running, SSLContext tls) throws IOException {
    try (GrpcClient grpc = GrpcClient.encrypted(running.grpcPort(), tls);
        RawHttp http = new RawHttp(running.httpPort(), tls)) {
      assertThat(grpc.export(Signal.TRACES, BODY, GrpcClient.IDENTITY)).isEmpty();
      http.send(RawHttp.head(BODY.length)).send(BODY);
      assertThat(http.status()).isEqualTo(200);
      http.send(RawHttp.head(BODY.length)).send(BODY);
      assertThat(http.status()).as("the connection goes on").isEqualTo(200);
    }
  }

  @ParameterizedTest(name = "mutual: {0}")
  @ValueSource(booleans = {false, true})
  void bothServersTakeEncryptedRequests(boolean mutual) throws Exception {
    try (Running running = running(mutual)) {
      sendBoth(running, client(mutual));
      assertThat(running.intake.spans()).isEqualTo(9);
      assertThat(running.context.count("connections_tls_failed")).isZero();
      assertThat(running.context.count("connections_malformed")).isZero();
    }
  }

  @ParameterizedTest(name = "ALPN h2: {0}")
  @ValueSource(booleans = {false, true})
  void whatIsNotHttp2WithinTlsIsCounted(boolean agreed) throws Exception {
    try (Running running = running(false); RawHttp peer = new RawHttp(running.grpcPort(), client(false))) {
      SSLSocket socket = (SSLSocket) peer.socket;
      SSLParameters parameters = socket.getSSLParameters();
      if (agreed) parameters.setApplicationProtocols(new String[] {"h2"});
      socket.setSSLParameters(parameters);
      peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      Await.until("it is counted", () -> running.context.count("connections_malformed") == 1);
      assertThat(peer.ended()).isTrue();
      Await.until("the connection is gone", () -> running.receiver.grpc().connections() == 0);
      assertThat(running.context.count("connections_malformed")).isEqualTo(1);
      assertThat(running.context.count("connections_tls_failed")).isZero();
    }
  }

  @Test
  void largeMessagesPass() throws Exception {
    try (Running running = running(false); GrpcClient grpc = GrpcClient.encrypted(running.grpcPort(), client(false));
        RawHttp http = new RawHttp(running.httpPort(), client(false))) {
      byte[] large = Telemetry.traces(2000);
      grpc.export(Signal.TRACES, large, GrpcClient.IDENTITY);
      http.send(RawHttp.head(large.length)).send(large);
      assertThat(http.status()).isEqualTo(200);
      assertThat(running.intake.requests).hasSize(2).allSatisfy(r -> assertThat(r.bytes()).isEqualTo(large));
    }
  }

  @Test
  void clientsWithoutACertificateOfTheIssuerAreTurnedAwayAndCounted() throws Exception {
    try (Running running = running(true); RawHttp http = new RawHttp(running.httpPort(), client(false));
        GrpcClient grpc = GrpcClient.encrypted(running.grpcPort(), client(false))) {
      assertThatThrownBy(() -> {
        http.send(RawHttp.head(BODY.length)).send(BODY);
        http.status();
      }).isInstanceOf(IOException.class);
      assertThat(GrpcClient.code(grpc.failure(Signal.TRACES, BODY, GrpcClient.IDENTITY)))
          .isEqualTo(Status.Code.UNAVAILABLE);
      Await.until("both are counted", () -> running.context.count("connections_tls_failed") >= 2);
      sendBoth(running, client(true));
      assertThat(running.intake.spans()).isEqualTo(9);
    }
  }

  @Test
  void plainTextOnATlsPortIsToldSo() throws Exception {
    try (Running running = running(false); RawHttp http = new RawHttp(running.httpPort());
        GrpcClient grpc = new GrpcClient(running.grpcPort())) {
      http.send(RawHttp.head(BODY.length)).send(BODY);
      assertThat(http.status()).isEqualTo(400);
      assertThat(http.ended()).isTrue();
      var failure = grpc.failure(Signal.TRACES, BODY, GrpcClient.IDENTITY);
      assertThat(GrpcClient.code(failure)).as(failure.getMessage()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(failure).hasMessageContaining("this port speaks TLS");
      assertThat(running.context.count("connections_tls_failed")).isGreaterThanOrEqualTo(2);
      assertThat(running.context.count("requests")).isZero();
      sendBoth(running, client(false));
    }
  }

  @Test
  void tlsOnAPlainPortIsToldSo() throws Exception {
    try (Running running = new Running(); RawHttp http = new RawHttp(running.httpPort(), client(false));
        RawHttp grpc = new RawHttp(running.grpcPort(), client(false))) {
      assertThatThrownBy(() -> ((SSLSocket) http.socket).startHandshake()).isInstanceOf(SSLException.class)
          .hasMessageContaining("handshake_failure");
      // A server of HTTP/2 speaks first, so the alert comes too late to be understood.
      assertThatThrownBy(() -> ((SSLSocket) grpc.socket).startHandshake()).isInstanceOf(SSLException.class);
      Await.until("both are counted", () -> running.context.count("connections_tls_failed") == 2);
      assertThat(running.context.count("requests")).isZero();
    }
  }

  @ParameterizedTest(name = "{0}")
  @ValueSource(strings = {"garbage", "a truncated handshake", "a handshake of garbage", "nothing"})
  void abuseOfATlsPortIsCountedAndHarmsNobody(String what) throws Exception {
    byte[] bytes = switch (what) {
      case "garbage" -> new byte[] {1, 2, 3, 4, 5, 6, 7, 8};
      case "a truncated handshake" -> new byte[] {22, 3, 1, 2, 0, 1, 0};
      case "a handshake of garbage" -> new byte[] {22, 3, 1, 0, 5, 9, 9, 9, 9, 9};
      default -> new byte[0];
    };
    try (Running running = running(false)) {
      for (int port : new int[] {running.grpcPort(), running.httpPort()}) {
        try (RawHttp peer = new RawHttp(port)) {
          peer.send(bytes);
          if (!what.equals("nothing") && !what.startsWith("a trunc")) assertThat(peer.ended()).isTrue();
          sendBoth(running, client(false)); // while the other is there
        }
      }
      int bad = what.equals("nothing") ? 0 : 2;
      Await.until("every bad one is counted", () -> running.context.count("connections_tls_failed") == bad);
      Await.until("connections are gone",
          () -> running.receiver.grpc().connections() + running.receiver.http().connections() == 0);
      assertThat(running.context.count("requests_accepted")).isEqualTo(6);
    }
  }

  @Test
  void aRenewedCertificateIsUsedByNewConnectionsWhileOpenOnesStay() throws Exception {
    try (Running running = running(false); RawHttp open = new RawHttp(running.httpPort(), client(false))) {
      open.send(RawHttp.head(BODY.length)).send(BODY);
      assertThat(open.status()).isEqualTo(200);
      ca.issue("renewed", "RSA").write(dir, "server");
      running.context.advance(INTERVAL);
      assertThat(subject(running.grpcPort())).isEqualTo("CN=renewed");
      assertThat(subject(running.httpPort())).isEqualTo("CN=renewed");
      Files.writeString(dir.resolve("server.crt"), "broken");
      running.context.advance(INTERVAL);
      assertThat(subject(running.grpcPort())).isEqualTo("CN=renewed");
      assertThat(subject(running.httpPort())).isEqualTo("CN=renewed");
      assertThat(running.context.unhealthy()).get().asString().contains("protocols.http.tls.cert_file");
      open.send(RawHttp.head(BODY.length)).send(BODY);
      assertThat(open.status()).as("the open connection").isEqualTo(200);
      assertThat(running.context.count("credential_reloads")).isEqualTo(2);
    }
  }

  private String subject(int port) throws IOException {
    try (SSLSocket socket = (SSLSocket) client(false).getSocketFactory().createSocket("127.0.0.1", port)) {
      var parameters = socket.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSubjectX500Principal().getName();
    }
  }

  @Test
  void aPausedServerReadsNoEncryptedConnection() throws Exception {
    try (Running running = running(false); RawHttp before = new RawHttp(running.httpPort(), client(false));
        GrpcClient grpc = GrpcClient.encrypted(running.grpcPort(), client(false))) {
      before.send(RawHttp.head(BODY.length)).send(BODY);
      assertThat(before.status()).isEqualTo(200);
      grpc.export(Signal.TRACES, BODY, GrpcClient.IDENTITY);
      running.receiver.pause();
      Await.until("the open connection is paused", running.receiver.http()::quiet);
      before.send(RawHttp.head(BODY.length)).send(BODY);
      var call = grpc.send(Signal.TRACES, BODY, GrpcClient.IDENTITY);
      // The call is there, its message is not asked for.
      Await.until("the call has begun", () -> running.context.count("requests") == 3);
      assertThat(running.intake.requests).hasSize(2);
      running.receiver.resume();
      assertThat(before.status()).isEqualTo(200);
      assertThat(call.get(20, TimeUnit.SECONDS)).isEmpty();
      assertThat(running.intake.requests).hasSize(4);
    }
  }

  @Test
  void unusableFilesAreToldBeforeAnythingListens() {
    OtlpConfig config = Running.config(Optional.of(server(false, "1.2")), Optional.empty());
    dir.resolve("server.key").toFile().delete();
    assertThatThrownBy(() -> new Otlp().create(config, new TestContext("receivers.otlp")))
        .isInstanceOfSatisfying(InvalidConfig.class, e -> assertThat(e.key()).isEqualTo("protocols.grpc.tls.key_file"));
  }

  @Test
  void aServerThatOthersCanReachSaysWhatItLacks() throws Exception {
    InetAddress everywhere = InetAddress.getByName("0.0.0.0");
    Door plain = new Door("protocols.grpc", Optional.empty(), Optional.empty(), new TestContext("receivers.otlp"));
    assertThat(plain.note(everywhere)).contains("without tls and auth");
    assertThat(plain.note(InetAddress.getLoopbackAddress())).isEmpty();
    Door secure = new Door("protocols.grpc", Optional.of(server(false, "1.2")), Optional.empty(), clients);
    assertThat(secure.note(everywhere)).isEmpty();
  }
}
