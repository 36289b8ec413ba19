package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.pipeline.Receiver;
import io.mop.testkit.TestCertificates;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestIntake;
import io.mop.testkit.TestSpan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;

/** Real servers and clients whose protocols no decoder reads. */
@OnBothHooks
class EdgesTest {
  private static final String SERVER = "2";
  private static final String CLIENT = "3";
  @Parameter EbpfPlugin.Hook hook;
  @TempDir Path directory;
  private final TestIntake intake = new TestIntake();
  private final List<Child> children = new ArrayList<>();
  private final int tls = freePort();
  private final int http2 = freePort();
  private final int redis = freePort();
  private Receiver receiver;
  private Child curl;

  private static int freePort() {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @BeforeEach
  void start() throws IOException {
    new TestCertificates("edges").issue("localhost", "EC").write(directory, "server");
    Path configuration = Files.writeString(directory.resolve("nginx.conf"), nginx());
    child("nginx", "-p", directory.toString(), "-c", configuration.toString(), "-e", "stderr");
    child("redis-server", "--port", "" + redis, "--bind", "127.0.0.1", "--save", "", "--dir", directory.toString());
    curl = child("curl", "-sk", "--http1.1", "-o", directory.resolve("answer").toString(), "https://127.0.0.1:" + tls);
    EbpfPlugin plugin =
        new EbpfPlugin(
            (config, bits, context, in) ->
                new CaptureReader(
                    config, bits, context, in, new CaptureReaderTest.NoPlugins(), new CaptureReaderTest.NoDefaults()));
    receiver =
        plugin.create(
            TestConfig.edges(hook, children.stream().map(c -> EbpfPluginTest.rule(null, c.pid(), null)).toArray(EbpfPlugin.Rule[]::new)),
            new TestContext("receivers.ebpf"));
    receiver.start(intake);
  }

  private String nginx() {
    return """
        daemon off; master_process off; pid nginx.pid; user root; error_log stderr crit;
        events { worker_connections 64; }
        http {
          access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi; scgi_temp_path scgi;
          server { listen 127.0.0.1:%d ssl; ssl_certificate %s; ssl_certificate_key %s;
            location / { return 200 "a"; } }
          server { listen 127.0.0.1:%d http2; location / { return 200 "b"; } }
        }
        """
        .formatted(tls, directory.resolve("server.crt"), directory.resolve("server.key"), http2);
  }

  private Child child(String... command) {
    Child c = new Child(command);
    children.add(c);
    return c;
  }

  @AfterEach
  void stop() {
    receiver.close();
    children.forEach(Child::close);
  }

  private Socket accepted(int port) {
    for (long end = System.nanoTime() + 60_000_000_000L; ; LockSupport.parkNanos(5_000_000)) {
      try {
        return new Socket(InetAddress.getLoopbackAddress(), port);
      } catch (IOException e) {
        if (System.nanoTime() > end) throw new AssertionError("nothing accepts on port " + port, e);
      }
    }
  }

  private TestSpan edge(int port, String kind, String name) {
    TestSpan[] span = new TestSpan[1];
    TestReader.await("edge " + name + " of port " + port, () -> {
      for (TestSpan s : intake.spans()) {
        String of = get(s, kind.equals(SERVER) ? "network.local.port" : "network.peer.port");
        if (of.equals("" + port) && s.name().equals(name) && kind.equals("" + s.kind())) span[0] = s;
      }
      return span[0] != null;
    });
    return span[0];
  }

  private static String get(TestSpan span, String attribute) {
    return String.valueOf(span.attributes().get(attribute));
  }

  @Test
  void whatNoDecoderReadsIsAnEdgeWithAReason() throws Exception {
    children.get(0).run();
    children.get(1).run();
    accepted(tls).close();
    curl.run();
    assertThat(curl.awaitExit()).isZero();
    assertThat(get(edge(tls, SERVER, "tls"), "mop.connection.reason"))
        .isEqualTo("TLS: not readable without a TLS probe");
    assertThat(edge(tls, CLIENT, "tls").attributes()).containsKey("mop.connection.reason");
    accepted(http2).close();
    Process h2 = new ProcessBuilder("curl", "-s", "--http2-prior-knowledge", "http://127.0.0.1:" + http2).start();
    assertThat(new String(h2.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo("b");
    TestSpan preface = edge(http2, SERVER, "http2");
    assertThat(get(preface, "mop.connection.reason")).isEqualTo("HTTP/2: no decoder installed");
    assertThat(get(preface, "network.protocol.name")).isEqualTo("http");
    try (Socket client = accepted(redis)) {
      client.getOutputStream().write("*1\r\n$4\r\nPING\r\n".getBytes(StandardCharsets.US_ASCII));
      assertThat(client.getInputStream().readNBytes(7)).asString(StandardCharsets.US_ASCII).isEqualTo("+PONG\r\n");
    }
    TestSpan ping = edge(redis, SERVER, "redis");
    assertThat(get(ping, "mop.connection.bytes_received")).isEqualTo("14");
    assertThat(get(ping, "mop.connection.bytes_sent")).isEqualTo("7");
    assertThat(get(ping, "mop.connection.reason")).isEqualTo("Redis: no decoder installed");
    assertThat(get(ping, "network.transport")).isEqualTo("tcp");
    assertThat(get(ping, "server.port")).isEqualTo("" + redis);
    assertThat(ping.attributes()).containsKey("mop.connection.rtt_us");
  }
}
