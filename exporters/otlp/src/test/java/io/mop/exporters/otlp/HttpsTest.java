package io.mop.exporters.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.mop.exporters.otlp.Otlp.Compression;
import io.mop.exporters.otlp.Otlp.Config;
import io.mop.exporters.otlp.Otlp.Protocol;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestOutcome;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real TLS server with a certificate of its own. */
class HttpsTest {
  @TempDir Path directory;
  private final List<byte[]> bodies = new CopyOnWriteArrayList<>();
  private final TestOutcome outcome = new TestOutcome();
  private SSLContext tls;
  private HttpsServer server;

  @BeforeEach
  void serve() throws Exception {
    tls = TestCertificate.context(directory);
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    server.createContext("/v1/traces", exchange -> {
      bodies.add(exchange.getRequestBody().readAllBytes());
      exchange.sendResponseHeaders(200, -1);
      exchange.close();
    });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private HttpExporter exporter(Optional<SSLContext> context) {
    Config config =
        new Config(
            Optional.of(Protocol.HTTP),
            Optional.of("https://127.0.0.1:" + server.getAddress().getPort()),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            TestOutcome.LIMIT,
            Optional.of(Compression.NONE),
            Optional.empty(),
            Optional.empty());
    return new HttpExporter(config, new TestContext("exporters.otlp/test"), context);
  }

  @Test
  void aTrustedPeerGetsEveryByte() throws Exception {
    HttpExporter exporter = exporter(Optional.of(tls));
    ExportTraceServiceRequest request = Requests.of(new Random(1), 20_000);
    exporter.export(Requests.batch(request), outcome);
    assertThat(outcome.take()).isEqualTo("delivered");
    exporter.close();
    assertThat(bodies).hasSize(1);
    assertThat(ExportTraceServiceRequest.parseFrom(bodies.get(0))).isEqualTo(request);
  }

  @Test
  void aPeerThatTheTrustStoreDoesNotKnowGetsNothing() {
    HttpExporter exporter = exporter(Optional.empty());
    exporter.export(Requests.batch(Requests.of(new Random(1), 5)), outcome);
    assertThat(outcome.take()).startsWith("retry PT0S https://127.0.0.1:").contains("certi");
    exporter.close();
    assertThat(bodies).isEmpty();
  }
}
