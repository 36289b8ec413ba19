package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestCertificates;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An unchanged nginx and an unchanged curl over TLS, on a connection that is older than MOP: exact on both sides. */
@NeedsBpf
@Timeout(300)
class HttpsToSinkTest {
  private static final int REQUESTS = 1000;

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private final List<Process> processes = new ArrayList<>();
  private final int port = Children.freePort();

  @BeforeEach
  void nginx() throws IOException {
    new TestCertificates("https").issue("localhost", "EC").write(directory, "server");
    String configuration = """
        daemon off; worker_processes 1; pid "DIR/nginx.pid"; user root; error_log stderr crit;
        events { worker_connections 64; }
        http {
          log_format line '$request_method $uri $status'; access_log "DIR/access.log" line;
          keepalive_requests 1000000; keepalive_timeout 600s;
          client_body_temp_path "DIR/body"; proxy_temp_path "DIR/proxy"; fastcgi_temp_path "DIR/fastcgi";
          uwsgi_temp_path "DIR/uwsgi"; scgi_temp_path "DIR/scgi";
          server { listen 127.0.0.1:PORT ssl; ssl_certificate "DIR/server.crt"; ssl_certificate_key "DIR/server.key";
            location / { return 200 "an answer"; } }
        }
        """.replace("DIR", directory.toString()).replace("PORT", "" + port);
    Path file = Files.writeString(directory.resolve("nginx.conf"), configuration);
    start("nginx", "-p", directory.toString(), "-c", file.toString(), "-e", "stderr");
    Await.until("nginx accepts", this::accepts, () -> "");
  }

  private Process start(String... command) throws IOException {
    Path out = directory.resolve(processes.size() + ".out");
    Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    processes.add(process);
    return process;
  }

  private boolean accepts() {
    try {
      new Socket(InetAddress.getLoopbackAddress(), port).close();
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @AfterEach
  void stop() {
    processes.stream().filter(Process::isAlive).forEach(Children::stop);
    sink.close();
  }

  private String config(long curl, String hook) {
    return """
        receivers:
          ebpf: { select: [ { pid: %d }, { pid: %d } ], ring: 64MiB, hook: %s }
        exporters:
          otlp:
            endpoint: %s
            retry_on_failure: { initial_interval: 50ms, max_interval: 500ms }
        service:
          pipelines:
            traces: { receivers: [ebpf], exporters: [otlp] }
        """
        .formatted(processes.get(0).pid(), curl, hook, sink.url());
  }

  private List<String> logged() throws IOException {
    return Files.readAllLines(directory.resolve("access.log")).stream().filter(l -> !l.contains("/early")).toList();
  }

  private static List<String> requests(List<TestSpan> spans, int kind) {
    return spans.stream()
        .filter(s -> s.kind() == kind && s.attributes().containsKey("url.scheme"))
        .map(TestSpan::attributes)
        .map(a -> a.get("http.request.method") + " " + a.get("url.path") + " " + a.get("http.response.status_code"))
        .toList();
  }

  @ParameterizedTest(name = "hook {0}")
  @ValueSource(strings = {"sock", "sys_exit"})
  void everyRequestIsOneSpanOfEachSide(String hook) throws Exception {
    try (ServerSocket gate = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String base = "https://127.0.0.1:" + port;
      String pause = "http://127.0.0.1:" + gate.getLocalPort() + "/gate";
      Process curl = start("curl", "-sk", "--http1.1", base + "/early", pause, base + "/r[1-" + REQUESTS + "]");
      try (Socket waiting = gate.accept(); MopProcess mop = MopProcess.start(directory, config(curl.pid(), hook))) {
        // Master and worker of nginx, and curl.
        mop.await("OpenSSL is probed", s -> s.counter("receivers.ebpf tls_fast") == 3);
        waiting.getOutputStream().write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(curl.waitFor(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(curl.exitValue()).isZero();
        mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") >= 2L * REQUESTS);
        assertThat(mop.stop()).isZero();
        List<TestSpan> spans = sink.taken();
        Await.until("nginx has logged", () -> size() == REQUESTS, () -> "");
        for (int kind : new int[] {2, 3}) {
          assertThat(requests(spans, kind)).as("kind " + kind).containsExactlyInAnyOrderElementsOf(logged());
        }
        List<TestSpan> secure = spans.stream().filter(s -> s.attributes().containsKey("url.scheme")).toList();
        assertThat(secure).allSatisfy(s -> {
          assertThat(s.attributes()).containsEntry("url.scheme", "https").containsEntry("server.port", (long) port);
          assertThat(s.end()).isGreaterThan(s.start());
        });
        assertThat(secure).filteredOn(s -> s.kind() == 3)
            .allSatisfy(s -> assertThat(s.attributes().get("url.full").toString()).startsWith(base + "/r"));
        assertThat(spans).as("edges").noneMatch(s -> s.name().equals("tls"));
        assertThat(mop.log()).contains("read by uprobes (fast)").doesNotContain("WARN");
      }
    }
  }

  private int size() {
    try {
      return logged().size();
    } catch (IOException e) {
      return -1;
    }
  }
}
