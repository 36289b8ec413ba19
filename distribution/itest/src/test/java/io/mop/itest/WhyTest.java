package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestCertificates;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.OutputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code mop why} of the shipped MOP: what is selected and read, what is not, and why. */
@NeedsBpf
@Timeout(300)
class WhyTest {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin/java");
  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final Path CURL = Path.of("/usr/bin/curl");
  private static final int REQUESTS = 7;
  private static final byte[] NOTHING = {};

  /** By Java's own TLS: answers with more bytes than are left unread without a warning. */
  private static final String TLS_SERVER =
      """
      import com.sun.net.httpserver.*;
      import java.io.File;
      import java.net.InetSocketAddress;
      import java.security.KeyStore;
      import javax.net.ssl.*;

      public class TlsServer {
        public static void main(String[] keyStoreAndPassword) throws Exception {
          char[] password = keyStoreAndPassword[1].toCharArray();
          KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
          keys.init(KeyStore.getInstance(new File(keyStoreAndPassword[0]), password), password);
          SSLContext context = SSLContext.getInstance("TLS");
          context.init(keys.getKeyManagers(), null, null);
          HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
          server.setHttpsConfigurator(new HttpsConfigurator(context));
          server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 500_000);
            exchange.getResponseBody().write(new byte[500_000]);
            exchange.close();
          });
          server.start();
          System.out.println(server.getAddress().getPort());
        }
      }
      """;

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink();
  private Nginx nginx;

  @BeforeEach
  void start() {
    nginx = Nginx.start(directory.resolve("nginx"));
  }

  @AfterEach
  void stop() {
    nginx.close();
    sink.close();
  }

  private String config(String receiver) {
    return """
        receivers:
          %s
        exporters:
          otlp: { endpoint: %s }
        service:
          pipelines:
            traces: { receivers: [%s], exporters: [otlp] }
        """
        .formatted(receiver, sink.url(), receiver.substring(0, receiver.indexOf(':')));
  }

  private MopProcess mop(String select) {
    return MopProcess.start(directory, config("ebpf: { select: [ " + select + " ] }"));
  }

  private static JsonObject json(Cli.Result result) {
    try (JsonReader reader = Json.createReader(new StringReader(result.out()))) {
      return reader.readObject().getJsonArray("receivers").getJsonObject(0);
    }
  }

  private static List<JsonObject> list(JsonObject of, String key) {
    return of.getJsonArray(key).getValuesAs(JsonObject.class);
  }

  @Test
  void aServerThatIsRead() throws Exception {
    try (MopProcess mop = mop("{ port: " + nginx.port() + " }");
        HttpConnection connection = new HttpConnection(nginx.port())) {
      String port = Integer.toString(nginx.port());
      Cli.Result before = mop.command("why", "--port", port);
      assertThat(before.code()).as(before.toString()).isEqualTo(1);
      String none = "mop: No requests of port " + port + " are seen: it is selected, and no connection was seen yet.\n";
      assertThat(before.err()).isEqualTo(none);
      for (int i = 0; i < REQUESTS; i++) connection.exchange("GET", "/plain/" + i, "", NOTHING);
      mop.await("all exchanges", s -> s.counter("receivers.ebpf capture_exchanges_completed") == REQUESTS);
      Cli.Result result = mop.command("why", "--port", port, "-o", "json");
      assertThat(result.code()).as(result.toString()).isZero();
      JsonObject answer = json(result);
      assertThat(answer.getString("receiver")).isEqualTo("receivers.ebpf");
      assertThat(answer.getBoolean("running")).isTrue();
      List<JsonObject> processes = list(answer, "processes");
      assertThat(processes).as("master and workers").hasSize(3).allSatisfy(p -> {
        assertThat(p.getBoolean("selected")).isTrue();
        assertThat(p.getString("reason")).isEqualTo("port " + port);
        assertThat(p.getString("part")).isEqualTo("listens on " + port);
        assertThat(p.getString("program")).endsWith("/nginx");
      });
      List<JsonObject> connections =
          processes.stream().flatMap(p -> list(p, "connections").stream()).toList();
      assertThat(connections).singleElement().satisfies(c -> {
        assertThat(c.getString("protocol")).isEqualTo("http");
        assertThat(c.getString("role")).isEqualTo("server");
        assertThat(c.getString("peer")).isEqualTo("127.0.0.1");
        assertThat(c.getInt("open")).isEqualTo(1);
        assertThat(c.getInt("exchanges")).isEqualTo(REQUESTS);
        assertThat(c.getInt("bytes_lost") + c.getInt("records_lost")).isZero();
      });
      Cli.Result text = mop.command("why", "--pid", Long.toString(nginx.pid()));
      assertThat(text.out()).contains("receivers.ebpf: captures by hook ", "selects: port " + port,
          "  selected: port " + port, "capture_exchanges_completed", "requests with their response: spans");
    }
  }

  @Test
  void whatIsNotSelectedAndWhatIsNotThere() throws Exception {
    try (RedisServer redis = RedisServer.start(directory.resolve("redis"));
        MopProcess mop = mop("{ port: " + nginx.port() + " }, { exe: '*/nginx', pid: " + nginx.pid() + " }")) {
      Cli.Result result = mop.command("why", "--pid", Long.toString(redis.pid()));
      assertThat(result.code()).as(result.toString()).isEqualTo(1);
      assertThat(result.err())
          .isEqualTo("mop: No requests of process " + redis.pid() + " are seen: it is not selected.\n");
      assertThat(result.out()).contains(
          "  NOT SELECTED: no rule names it\n",
          "    port " + nginx.port() + " does not hold: it listens on " + redis.port() + "\n",
          "    exe */nginx does not hold: the program is /");
      assertThat(mop.command("why", "--port", Integer.toString(redis.port())).out()).contains(
          "process " + redis.pid() + " ", ", listens on " + redis.port(), "NOT SELECTED");
      int closed = Children.freePort();
      Cli.Result nobody = mop.command("why", "--port", Integer.toString(closed));
      assertThat(nobody.code()).as(nobody.toString()).isEqualTo(4);
      assertThat(nobody.err())
          .isEqualTo("mop: Nothing listens on port " + closed + ", and no connection to it was seen.\n");
      assertThat(mop.command("why", "--pid", "4194303").code()).isEqualTo(4);
      String self = mop.command("why", "--pid", Long.toString(mop.pid())).out();
      assertThat(self).contains("NOT SELECTED: it is MOP itself");
    }
  }

  private Path keyStore() throws Exception {
    TestCertificates.Issued server = new TestCertificates("why").issue("localhost", "EC");
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, PASSWORD);
    store.setKeyEntry("server", server.key(), PASSWORD, new Certificate[] {server.certificate()});
    Path file = directory.resolve("server.p12");
    try (OutputStream out = Files.newOutputStream(file)) {
      store.store(out, PASSWORD);
    }
    return file;
  }

  @Test
  void whatIsEncryptedIsSaidAndWarnedOf() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(CURL), "needs " + CURL);
    Path source = Files.writeString(directory.resolve("TlsServer.java"), TLS_SERVER);
    Process server =
        new ProcessBuilder(
                JAVA.toString(), "-XX:TieredStopAtLevel=1", source.toString(), keyStore().toString(),
                new String(PASSWORD))
            .redirectError(directory.resolve("server.log").toFile())
            .start();
    try (MopProcess mop = mop("{ pid: " + server.pid() + " }")) {
      String port = server.inputReader().readLine();
      assertThat(mop.status().orElseThrow().unhealthy()).isEmpty();
      Process curl = new ProcessBuilder(CURL.toString(), "-sk", "-o", "/dev/null", "https://127.0.0.1:" + port).start();
      assertThat(curl.waitFor()).isZero();
      Status warned = mop.await("a warning", s ->
          s.unhealthy().getOrDefault("receivers.ebpf", "").contains("tls 127.0.0.1:" + port));
      assertThat(warned.unhealthy().get("receivers.ebpf"))
          .startsWith("more than 50 % of the bytes captured in the last minute are not read: tls 127.0.0.1:" + port);
      Cli.Result result = mop.command("why", "--port", port);
      assertThat(result.code()).as(result.toString()).isEqualTo(1);
      assertThat(result.err())
          .isEqualTo("mop: No requests of port " + port + " are seen: no decoder reads its connections.\n");
      assertThat(result.out()).contains(
          "  selected: pid " + server.pid(), "TLS: Java's own TLS (JSSE) (/",
          "server on " + port + "  127.0.0.1  NOT READ",
          "TLS: not readable without a TLS probe", "capture_bytes_unread{tls}");
    } finally {
      Children.stop(server);
    }
  }

  @Test
  void withoutACaptureItSaysSo() throws Exception {
    String otlp = "otlp: { protocols: { grpc: { endpoint: 127.0.0.1:0 } } }";
    try (MopProcess mop = MopProcess.start(directory, config(otlp))) {
      Cli.Result result = mop.command("why", "--pid", Long.toString(nginx.pid()));
      assertThat(result.code()).as(result.toString()).isEqualTo(4);
      assertThat(result.err())
          .isEqualTo("mop: Nothing is captured: the configuration has no receiver ebpf, or no pipeline names it.\n");
    }
    Cli.Result result = Cli.run(directory, "why", "--pid", "2", "--state", directory.resolve("none").toString());
    assertThat(result.code()).isEqualTo(5);
  }
}
