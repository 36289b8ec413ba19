package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.OtlpSink;
import io.mop.testkit.Replay;
import io.mop.testkit.TestSpan;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The way of a plugin's author, with what is shipped: {@code mop new}, {@code mvn verify} as a user has it, the JAR into
 * the plugins directory of a running MOP, and the plugin does its job.
 */
@Timeout(600)
class NewPluginTest {
  private static final Pattern TESTS = Pattern.compile("Tests run: (\\d+), Failures: 0, Errors: 0, Skipped: 0");

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private final int port = Children.freePort();
  private long began;
  private Path plugins;

  @BeforeEach
  void start() throws IOException {
    plugins = Files.createDirectory(directory.resolve("plugins"));
    began = System.nanoTime();
  }

  @AfterEach
  void stop() throws IOException {
    sink.close();
    for (String links : List.of("m2", "m2/io")) {
      if (!Files.isDirectory(directory.resolve(links))) continue;
      try (Stream<Path> children = Files.list(directory.resolve(links))) {
        for (Path link : children.filter(Files::isSymbolicLink).toList()) Files.delete(link);
      }
    }
  }

  /** Makes and builds it; the JAR. */
  private Path built(String kind, String name) throws Exception {
    Cli.Result made = Cli.run(directory, "new", kind, name);
    assertThat(made.code()).as(made.err()).isZero();
    Path folder = directory.resolve(name);
    Path log = directory.resolve("maven.log");
    ProcessBuilder maven = new ProcessBuilder("mvn", "-B", "-ntp", "-Dstyle.color=never",
        "-Dmaven.repo.local=" + newRepository(), "verify").directory(folder.toFile());
    maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
    int code = maven.redirectErrorStream(true).redirectOutput(log.toFile()).start().waitFor();
    String said = Files.readString(log);
    assertThat(code).as(said).isZero();
    // of what is downloaded a repository without checksums makes Maven warn
    assertThat(said.lines().filter(l -> l.contains("WARNING") && !l.contains("integrity") && !l.contains("hecksum")))
        .isEmpty();
    Matcher tests = TESTS.matcher(said);
    assertThat(tests.find()).as(said).isTrue();
    assertThat(Integer.parseInt(tests.group(1))).isPositive();
    return folder.resolve("target/" + name.replace('_', '-') + "-1.0.0.jar");
  }

  /** A local repository without MOP; what it lacks of others' goes where this build has it. */
  private Path newRepository() throws IOException {
    Path shared = Path.of(System.getProperty("maven.repo.local.shared"));
    Path own = Files.createDirectory(directory.resolve("m2"));
    Path io = Files.createDirectory(own.resolve("io"));
    link(shared, own);
    if (Files.isDirectory(shared.resolve("io"))) link(shared.resolve("io"), io);
    return own;
  }

  private static void link(Path shared, Path own) throws IOException {
    try (Stream<Path> children = Files.list(shared)) {
      for (Path child : children.toList()) {
        Path link = own.resolve(child.getFileName());
        if (!Files.exists(link) && !child.endsWith("io/mop")) Files.createSymbolicLink(link, child);
      }
    }
  }

  private MopProcess run(String config) {
    return MopProcess.start(directory, config, "--plugins", plugins.toString());
  }

  /** Drops it into a running MOP, which takes it. */
  private MopProcess drop(Path jar, String kind, String name) throws IOException {
    MopProcess mop = run(idle());
    assertThat(mop.await("status", s -> true).versions(kind, name)).isEmpty();
    Files.copy(jar, plugins.resolve(jar.getFileName()));
    mop.await(name + " is there", s -> s.versions(kind, name).equals(Map.of("1.0.0", "available")));
    return mop;
  }

  /** Has the running MOP use it. */
  private void use(MopProcess mop, String config) throws IOException {
    Files.writeString(directory.resolve("mop.yaml"), config);
    assertThat(mop.ask("mop:reload")).endsWith("\n0\n");
  }

  private static void ended(MopProcess mop) {
    assertThat(mop.stop()).as("exit code").isZero();
    assertThat(mop.log()).doesNotContain(" ERROR ");
  }

  private void done(String kind) {
    System.out.printf("mop new %s: from nothing to a plugin at work in %d s (goal: 300 s)%n", kind,
        Duration.ofNanos(System.nanoTime() - began).toSeconds());
  }

  private String otlpReceiver() {
    return "receivers:\n  otlp: { protocols: { http: { endpoint: 127.0.0.1:" + port + " } } }\n";
  }

  /** A pipeline without the plugin. */
  private String idle() {
    return otlpReceiver() + """
        exporters:
          debug: {}
        service:
          pipelines:
            traces: { receivers: [otlp], exporters: [debug] }
        """;
  }

  private void send(TestSpan span) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/traces"))
        .header("Content-Type", "application/x-protobuf")
        .POST(HttpRequest.BodyPublishers.ofByteArray(TestSpan.request(List.of(span))))
        .build();
    HttpResponse<byte[]> answer =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(200);
  }

  @Test
  void processor() throws Exception {
    try (MopProcess mop = drop(built("processor", "set_region"), "processor", "set_region")) {
      use(mop, otlpReceiver() + """
        processors:
          set_region: { key: region, value: eu }
        exporters:
          otlp: { endpoint: %s }
        service:
          pipelines:
            traces: { receivers: [otlp], processors: [set_region], exporters: [otlp] }
        """.formatted(sink.url()));
      send(TestSpan.of("GET /").attribute("a", 1L));
      sink.awaitSpans(1, Await.LIMIT);
      assertThat(sink.taken()).containsExactly(TestSpan.of("GET /").attribute("a", 1L).attribute("region", "eu"));
      done("processor");
      ended(mop);
    }
  }

  /** Without root nothing is captured: that its decoder is right is what its own test shows, of a recording too. */
  @Test
  void probe() throws Exception {
    try (MopProcess mop = drop(built("probe", "lines"), "protocol", "lines")) {
      done("probe");
      String report = Files.readString(
          directory.resolve("lines/target/surefire-reports/TEST-com.example.lines.LinesProbeTest.xml"));
      for (int way = 1; way <= Replay.Way.values().length; way++) {
        assertThat(report).contains("name=\"aRecordedClient(Replay)[" + way + "]\"");
      }
      ended(mop);
    }
  }

  @Test
  void exporter() throws Exception {
    Path file = directory.resolve("out.jsonl");
    try (MopProcess mop = drop(built("exporter", "json_file"), "exporter", "json_file")) {
      use(mop, otlpReceiver() + """
        exporters:
          json_file: { path: "%s", attributes: [a] }
        service:
          pipelines:
            traces: { receivers: [otlp], exporters: [json_file] }
        """.formatted(file));
      TestSpan span = TestSpan.of("GET /").attribute("a", 1L);
      send(span);
      mop.await("the span is delivered", s -> s.traces("exporters.json_file", "out") == 1);
      assertThat(file).hasContent("{\"signal\":\"traces\",\"time\":" + span.start()
          + ",\"name\":\"GET /\",\"attributes\":{\"a\":1}}\n");
      done("exporter");
      ended(mop);
    }
  }

  @Test
  void receiver() throws Exception {
    Path file = Files.writeString(directory.resolve("app.log"), "one\ntwo\n");
    try (MopProcess mop = drop(built("receiver", "lines_of"), "receiver", "lines_of")) {
      use(mop, """
        receivers:
          lines_of: { path: "%s" }
        exporters:
          otlp: { endpoint: %s }
        service:
          pipelines:
            logs: { receivers: [lines_of], exporters: [otlp], durability: export }
        """.formatted(file, sink.url()));
      Path position = directory.resolve("mop/state/parts/receivers.lines_of/position");
      Await.until("both lines are acknowledged", () -> Files.exists(position), mop::log);
      assertThat(position).hasContent("position/1 8\n");
      assertThat(sink.logs()).isEqualTo(2);
      done("receiver");
      ended(mop);
    }
  }
}
