package io.mop.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mop.cli.CommandException;
import java.net.ConnectException;
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
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the real nginx, a copy of its own per test. */
class NginxTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path temporary;
  private Path binary;
  private Path directory;

  @BeforeEach
  void findNginx() throws Exception {
    Optional<Path> found = Nginx.find(System.getenv("PATH"));
    assumeTrue(found.isPresent(), "nginx is not installed: package nginx");
    binary = found.get();
    // nginx's worker is another user when nginx was started by root.
    Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    directory = temporary.resolve("a directory");
  }

  @Test
  void everyPathOfTheDemoIsAnswered() throws Exception {
    Map<String, String> answers = new TreeMap<>();
    long pid;
    int port;
    try (Nginx nginx = Nginx.start(binary, directory)) {
      port = nginx.port();
      pid = nginx.pid();
      HttpClient client = HttpClient.newHttpClient();
      for (String path : Traffic.PATHS.stream().distinct().toList()) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        answers.put(path, response.statusCode() + " " + (path.equals("/slow") ? response.body().length() : ""));
      }
    }
    assertThat(answers).isEqualTo(
        Map.of("/", "200 ", "/api/orders", "200 ", "/missing", "404 ", "/broken", "503 ", "/slow", "200 98304"));
    assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)).isFalse();
    assertThatThrownBy(() -> new Socket("127.0.0.1", port).close()).isInstanceOf(ConnectException.class);
  }

  @Test
  void theClientsCountIsTheServers() throws Exception {
    try (Nginx nginx = Nginx.start(binary, directory); Traffic traffic = new Traffic(nginx.port(), 400)) {
      assertThat(nginx.requestsLogged(500, LIMIT)).isGreaterThanOrEqualTo(500);
      Traffic.Result made = traffic.finish(LIMIT);
      assertThat(made.requests()).isGreaterThanOrEqualTo(500);
      assertThat(made.failed()).isZero();
      assertThat(nginx.requestsLogged(made.requests(), LIMIT)).isEqualTo(made.requests());
      Map<Character, Long> byClass = new TreeMap<>();
      for (String line : Files.readAllLines(directory.resolve("access.log"))) {
        byClass.merge(line.charAt(line.indexOf(' ') + 1), 1L, Long::sum);
      }
      assertThat(byClass).isEqualTo(Map.of('2', made.ok(), '4', made.clientErrors(), '5', made.serverErrors()));
    }
  }

  @Test
  void whyItDidNotStartIsSaid() {
    assertThatThrownBy(() -> Nginx.start(Path.of("/bin/false"), directory)).isInstanceOf(CommandException.class)
        .hasMessage("nginx did not start: it said nothing.");
    assertThatThrownBy(() -> Nginx.start(Path.of("/bin/cat"), temporary.resolve("b")))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("nginx did not start: ").hasMessageContaining("cat: ");
  }
}
