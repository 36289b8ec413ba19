package io.mop.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.mop.cli.CommandException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the real nginx, a copy of its own per test. */
class NginxTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path temporary;
  private final Set<String> proxied = ConcurrentHashMap.newKeySet();
  private final Set<Integer> connections = ConcurrentHashMap.newKeySet();
  private final Set<String> traces = ConcurrentHashMap.newKeySet();
  private Path binary;
  private Path directory;
  private HttpServer upstream;

  @BeforeEach
  void findNginx() throws Exception {
    Optional<Path> found = Nginx.find(System.getenv("PATH"));
    assumeTrue(found.isPresent(), "nginx is not installed: package nginx");
    binary = found.get();
    // nginx's worker is another user when nginx was started by root.
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    directory = temporary.resolve("a directory");
    upstream = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    upstream.createContext("/", this::answer);
    upstream.start();
  }

  @AfterEach
  void stopUpstream() {
    if (upstream != null) upstream.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    proxied.add(exchange.getRequestURI().getPath());
    connections.add(exchange.getRemoteAddress().getPort());
    String trace = exchange.getRequestHeaders().getFirst("traceparent");
    if (trace != null) traces.add(trace);
    exchange.sendResponseHeaders(202, -1);
    exchange.close();
  }

  @Test
  void everyPathOfTheDemoIsAnswered() throws Exception {
    Map<String, String> answers = new TreeMap<>();
    long pid;
    int port;
    try (Nginx nginx = Nginx.start(binary, directory, upstream.getAddress().getPort())) {
      port = nginx.port();
      pid = nginx.pid();
      HttpClient client = HttpClient.newHttpClient();
      for (String path : Traffic.PATHS.stream().distinct().toList()) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        answers.put(path, response.statusCode() + " " + (path.equals("/slow") ? response.body().length() : ""));
      }
    }
    Map<String, String> expected = new TreeMap<>();
    for (String path : Traffic.ORDERS) expected.put(path, "202 ");
    assertThat(proxied).isEqualTo(expected.keySet()).isNotEmpty();
    expected.putAll(Map.of("/", "200 ", "/missing", "404 ", "/broken", "503 ", "/slow", "200 98304"));
    assertThat(answers).isEqualTo(expected);
    assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)).isFalse();
    assertThatThrownBy(() -> new Socket("127.0.0.1", port).close()).isInstanceOf(ConnectException.class);
  }

  @Test
  void theClientsCountIsTheServers() throws Exception {
    try (Nginx nginx = Nginx.start(binary, directory, upstream.getAddress().getPort());
        Traffic traffic = new Traffic(nginx.port(), 400, Traffic.PATHS)) {
      assertThat(nginx.requestsLogged(500, LIMIT)).isGreaterThanOrEqualTo(500);
      Traffic.Result made = traffic.finish(LIMIT);
      assertThat(made.requests()).isGreaterThanOrEqualTo(500);
      assertThat(made.failed()).isZero();
      assertThat(nginx.requestsLogged(made.requests(), LIMIT)).isEqualTo(made.requests());
      Map<Character, Long> byClass = new TreeMap<>();
      for (String line : Files.readAllLines(directory.resolve("access.log"))) {
        byClass.merge(line.charAt(line.indexOf(' ') + 1), 1L, Long::sum);
      }
      assertThat(traces).hasSizeGreaterThan(100).allMatch(t -> t.matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01"));
      assertThat(connections).as("connections to the server behind, which are kept").hasSizeLessThan(traces.size());
      assertThat(byClass).isEqualTo(Map.of('2', made.ok(), '4', made.clientErrors(), '5', made.serverErrors()));
    }
  }

  @Test
  void whyItDidNotStartIsSaid() {
    assertThatThrownBy(() -> Nginx.start(Path.of("/bin/false"), directory, 9)).isInstanceOf(CommandException.class)
        .hasMessage("nginx did not start: it said nothing.");
    assertThatThrownBy(() -> Nginx.start(Path.of("/bin/cat"), temporary.resolve("b"), 9))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("nginx did not start: ").hasMessageContaining("cat: ");
  }
}
