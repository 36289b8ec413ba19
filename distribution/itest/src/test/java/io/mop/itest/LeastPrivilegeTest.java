package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import io.mop.testkit.TestSpan;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A user that is nobody, with the capabilities of the unit and none else, is enough. */
@Timeout(300)
class LeastPrivilegeTest {
  private static final String NOBODY = "65534";
  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();

  @BeforeEach
  void letNobodyIn() throws Exception {
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path run = Files.createDirectories(directory.resolve("run"));
    Files.setPosixFilePermissions(run, PosixFilePermissions.fromString("rwxrwxrwx"));
  }

  @AfterEach
  void close() {
    sink.close();
  }

  /** {@code bin/mop} of a tar with these capabilities and no more; who is not root has none to give. */
  private static List<String> script(Path home, List<String> capabilities) {
    List<String> command = new ArrayList<>();
    if (NeedsBpf.Condition.root()) {
      String set = "-all" + String.join("", capabilities.stream().map(c -> ",+" + c).toList());
      command.addAll(
          List.of(
              "setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--no-new-privs",
              "--inh-caps", set, "--ambient-caps", set, "--bounding-set", set));
    }
    command.add(home.resolve("bin/mop").toString());
    return command;
  }

  @Test
  void aGatewayTakesAndDelivers() throws Exception {
    Path home = Tar.of("gateway", "production").unpack(directory.resolve("opt"));
    Map<String, String> env = new HashMap<>(Tar.freePorts());
    env.put("MOP_BACKEND", sink.url());
    Path config = home.resolve("etc/mop.yaml");
    try (MopProcess mop = MopProcess.start(script(home, List.of()), directory.resolve("run"), config, env)) {
      byte[] body = TestSpan.request(List.of(TestSpan.of("a"), TestSpan.of("b")));
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + env.get("MOP_OTLP_HTTP_PORT") + "/v1/traces"))
              .header("Content-Type", "application/x-protobuf")
              .POST(HttpRequest.BodyPublishers.ofByteArray(body))
              .build();
      HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      // durability: export; the answer says that the backend has it
      assertThat(sink.spans()).isEqualTo(2);
      Status status = mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") == 2);
      status.assertNothingLost();
      assertThat(status.versions("receiver", "ebpf")).isEmpty();
      assertThat(status.versions("receiver", "otlp")).isNotEmpty();
      assertThat(mop.stop()).as("exit code; log: %s", mop.log()).isZero();
    }
  }

  @Nested
  @NeedsBpf
  class Agent {
    private Path home;
    private List<String> capabilities;
    private Nginx nginx;

    @BeforeEach
    void unpack() throws Exception {
      home = Tar.of("agent", "dev").unpack(directory.resolve("opt"));
      capabilities =
          Files.readAllLines(home.resolve("systemd/mop.service")).stream()
              .filter(line -> line.startsWith("AmbientCapabilities="))
              .flatMap(line -> List.of(line.substring(line.indexOf('=') + 1).split(" ")).stream())
              .map(name -> name.replace("CAP_", "").toLowerCase(Locale.ROOT))
              .toList();
      nginx = Nginx.start(directory.resolve("nginx"));
    }

    @AfterEach
    void stop() {
      nginx.close();
    }

    private Path config(String hook) throws Exception {
      return Files.writeString(
          directory.resolve("mop.yaml"),
          Pipelines.nginxTo(sink, nginx)
              .replaceAll("pid: \\d+ }", "port: " + nginx.port() + " }")
              .replace("ring:", "hook: " + hook + ", ring:")
              .replace("service:", "service:\n  memory: 32MiB"));
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"sock", "sys_exit"})
    void seesEveryRequestOfAPort(String hook) throws Exception {
      assertThat(capabilities).hasSizeGreaterThan(1);
      try (MopProcess mop =
              MopProcess.start(script(home, capabilities), directory.resolve("run"), config(hook), Tar.freePorts());
          Traffic traffic = new Traffic(nginx.port(), UUID.randomUUID().toString(), 4)) {
        assertThat(mop.status().orElseThrow().unhealthy()).isEmpty();
        traffic.run(100);
        mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") == 100);
        assertThat(Pipelines.requests(sink.taken())).containsExactlyInAnyOrderElementsOf(traffic.answered());
        assertThat(mop.stop()).as("exit code; log: %s", mop.log()).isZero();
      }
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"bpf", "perfmon", "sys_ptrace", "dac_read_search"})
    void runsOnWithoutWhatItMayNotDoAndSaysSo(String missing) throws Exception {
      List<String> fewer = capabilities.stream().filter(name -> !name.equals(missing)).toList();
      assertThat(fewer).hasSize(capabilities.size() - 1);
      try (MopProcess mop =
          MopProcess.start(script(home, fewer), directory.resolve("run"), config("auto"), Tar.freePorts())) {
        Status status = mop.await("MOP says what it may not", s -> !s.unhealthy().isEmpty());
        assertThat(status.unhealthy()).containsOnlyKeys("receivers.ebpf");
        assertThat(status.unhealthy().get("receivers.ebpf")).contains("CAP_" + missing.toUpperCase(Locale.ROOT));
        assertThat(mop.stop()).as("exit code; log: %s", mop.log()).isZero();
      }
    }
  }
}
