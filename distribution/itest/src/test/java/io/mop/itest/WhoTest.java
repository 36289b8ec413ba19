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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shipped MOP tells whose the spans are. */
@NeedsBpf
@Timeout(300)
class WhoTest {
  private static final Path PYTHON = Path.of("/usr/bin/python3");
  private static final String INSTANCE = "service.instance.id";

  /** Answers 204; asked for /export it sends an empty OTLP request to the port of its first argument before. */
  private static final String SERVICE =
      """
      import http.client, http.server, sys

      class Handler(http.server.BaseHTTPRequestHandler):
          protocol_version = "HTTP/1.1"

          def do_GET(self):
              if self.path == "/export":
                  backend = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
                  backend.request("POST", "/v1/traces", b"", {"Content-Type": "application/x-protobuf"})
                  backend.getresponse().read()
                  backend.close()
              self.send_response(204)
              self.end_headers()

          def log_message(self, *arguments):
              pass

      server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
      print(server.server_address[1], flush=True)
      server.serve_forever()
      """;

  @TempDir Path directory;
  private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final OtlpSink sink = new OtlpSink().keepRequests();

  @AfterEach
  void stop() {
    sink.close();
  }

  @Test
  void workersAreTheSameInstancesToTheNextMop() throws Exception {
    Set<Object> known = new HashSet<>();
    try (Nginx nginx = Nginx.start(directory.resolve("nginx"))) {
      for (int run = 1; run <= 2; run++) {
        int before = sink.taken().size();
        Path of = Files.createDirectories(directory.resolve("run" + run));
        try (MopProcess mop = MopProcess.start(of, Pipelines.nginxTo(sink, nginx))) {
          everyWorker(mop, nginx, before);
        }
        List<TestSpan> spans = sink.taken().subList(before, sink.taken().size());
        Map<Object, Set<Object>> instances =
            spans.stream()
                .map(TestSpan::resource)
                .collect(
                    Collectors.groupingBy(
                        r -> r.get("process.pid"), Collectors.mapping(r -> r.get(INSTANCE), Collectors.toSet())));
        assertThat(instances.values()).hasSize(2).allSatisfy(ids -> assertThat(ids).hasSize(1).doesNotContainNull());
        instances.values().forEach(known::addAll);
        assertThat(known).as("run %s", run).hasSize(2);
        assertThat(spans).allSatisfy(s -> assertThat(s.resource())
            .containsEntry("process.executable.name", "nginx")
            .containsEntry("os.type", "linux")
            .containsEntry("telemetry.distro.name", "mop")
            .containsKeys("host.name", "service.name"));
        if (noUnit()) assertThat(spans).extracting(s -> s.resource().get("service.name")).containsOnly("nginx");
      }
    }
  }

  /** Until both workers have answered: new connections go to whichever is awake. */
  private void everyWorker(MopProcess mop, Nginx nginx, int before) {
    int[] asked = {0};
    Await.until(
        "both workers have answered",
        () -> {
          try (Traffic traffic = new Traffic(nginx.port(), UUID.randomUUID().toString(), 8)) {
            traffic.run(40);
          }
          asked[0] += 40;
          mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") == asked[0]);
          List<TestSpan> spans = sink.taken();
          return spans.subList(before, spans.size()).stream()
                  .map(s -> s.resource().get("process.pid"))
                  .distinct()
                  .count()
              == 2;
        },
        mop::log);
  }

  /** What this test starts is called by a unit that the test itself may run in. */
  private static boolean noUnit() throws Exception {
    return !Files.readString(Path.of("/proc/self/cgroup")).contains(".service");
  }

  @ParameterizedTest(name = "own_sdk: {0}")
  @CsvSource({"suppress, 3, 5", "keep, 8, 0"})
  void aProcessWithAnSdkOfItsOwn(String ownSdk, int spans, int suppressed) throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(PYTHON), "needs " + PYTHON);
    Path script = Files.writeString(directory.resolve("shop.py"), SERVICE);
    try (OtlpSink backend = new OtlpSink()) {
      String backendPort = Integer.toString(URI.create(backend.url()).getPort());
      ProcessBuilder builder = new ProcessBuilder(PYTHON.toString(), script.toString(), backendPort);
      builder.environment().put("OTEL_RESOURCE_ATTRIBUTES", "service.name=cart,service.namespace=shop");
      builder.environment().remove("OTEL_SERVICE_NAME");
      Process service = builder.redirectError(directory.resolve("shop.log").toFile()).start();
      try (MopProcess mop = MopProcess.start(directory, config(service, ownSdk))) {
        String url = "http://127.0.0.1:" + service.inputReader().readLine();
        for (int i = 0; i < 3; i++) get(url + "/before");
        mop.await("what was before", s -> s.traces("exporters.otlp", "out") == 3);
        get(url + "/export");
        for (int i = 0; i < 3; i++) get(url + "/after");
        mop.await("all exchanges", s -> s.counter("receivers.ebpf capture_exchanges_completed") == 8);
        mop.await("all spans", s -> s.traces("exporters.otlp", "out") == spans);
        assertThat(mop.statusByCommand().counter("receivers.ebpf capture_spans_suppressed")).isEqualTo(suppressed);
      } finally {
        Children.stop(service);
      }
    }
    assertThat(sink.taken())
        .hasSize(spans)
        .allSatisfy(
            s -> assertThat(s.resource())
                .containsEntry("service.name", "cart")
                .containsEntry("service.namespace", "shop")
                .containsEntry("process.runtime.name", "cpython"));
  }

  private String config(Process service, String ownSdk) {
    return """
        receivers:
          ebpf: { select: [ { pid: %d } ], own_sdk: %s }
        exporters:
          otlp: { endpoint: %s }
        service:
          pipelines:
            traces: { receivers: [ebpf], exporters: [otlp] }
        """
        .formatted(service.pid(), ownSdk, sink.url());
  }

  private void get(String url) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
    assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(204);
  }
}
