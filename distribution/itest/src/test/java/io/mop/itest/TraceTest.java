package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code mop trace} of the shipped MOP, of an unchanged nginx and of curl. */
@NeedsBpf
@Timeout(300)
class TraceTest {
  private static final byte[] NOTHING = {};
  private static final Map<String, String> SUDO =
      Map.of("SUDO_UID", "65534", "SUDO_GID", "65534", "SUDO_USER", "nobody", "HOME", "/root");

  @TempDir Path directory;
  private Nginx nginx;

  @BeforeEach
  void start() {
    nginx = Nginx.start(directory.resolve("nginx"));
  }

  @AfterEach
  void stop() {
    nginx.close();
  }

  private String url(String path) {
    return "http://127.0.0.1:" + nginx.port() + path;
  }

  private Cli.Result trace(Map<String, String> env, String... arguments) throws Exception {
    return Cli.run(Cli.MOP, directory, env, words(arguments));
  }

  private static String[] words(String... arguments) {
    List<String> words = new ArrayList<>(List.of("trace"));
    words.addAll(List.of(arguments));
    return words.toArray(String[]::new);
  }

  /** One that goes on until it is told to end; returns when it watches. */
  private final class Live implements AutoCloseable {
    final Path out = directory.resolve("trace.out");
    final Path err = directory.resolve("trace.err");
    final Process process;

    Live(String ready, String... arguments) throws IOException {
      List<String> script = List.of("env", "--default-signal", Cli.MOP.toString());
      process = Cli.command(script, directory, Map.of(), words(arguments))
          .redirectOutput(out.toFile()).redirectError(err.toFile()).start();
      Await.until("it watches", () -> read(err).contains(ready) || read(out).contains(ready), () -> {
        process.destroyForcibly();
        return read(err);
      });
    }

    /** The lines, when there are so many. */
    List<String> lines(int count) {
      Await.until(count + " spans", () -> read(out).lines().count() >= count, () -> read(out) + read(err));
      return read(out).lines().toList();
    }

    int signal(String name) throws Exception {
      assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor()).isZero();
      return Children.awaitExit(process);
    }

    @Override
    public void close() {
      if (process.isAlive()) Children.stop(process);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void curl() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/curl")), "needs /usr/bin/curl");
  }

  @Test
  void aCommandsCallsAreShownAndItsExitCodeIsPassedOn() throws Exception {
    curl();
    Cli.Result good = trace(Map.of(), "--", "curl", "-s", url("/plain/a?secret=1"));
    assertThat(good.code()).as(good.toString()).isZero();
    assertThat(good.out()).startsWith("a text with a length").doesNotContain("secret", "\u001b");
    assertThat(good.out().lines()).last().asString()
        .contains(" client GET ", " peer=127.0.0.1:" + nginx.port() + " ")
        .endsWith(" http.request.method=GET url.path=/plain/a http.response.status_code=200");
    assertThat(good.err()).isEqualTo("mop: 1 span, 0 incomplete exchanges, 0 lost records.\n");
    Cli.Result bad = trace(Map.of(), "--", "curl", "-sf", url("/busy/b"));
    assertThat(bad.code()).as(bad.toString()).isEqualTo(22);
    assertThat(bad.out()).contains(" client GET ", " error 503 ", " url.path=/busy/b ");
  }

  /** Also by children of it; JSON is one object a line. */
  @Test
  void jsonIsForPrograms() throws Exception {
    curl();
    String calls = "curl -s -o /dev/null " + url("/plain/a") + "; curl -s -o /dev/null -d x " + url("/busy/b");
    Cli.Result result = trace(Map.of(), "-o", "json", "--", "sh", "-c", calls + "; exit 7");
    assertThat(result.code()).as(result.toString()).isEqualTo(7);
    List<JsonObject> spans = result.out().lines().map(TraceTest::parse).toList();
    assertThat(spans).extracting(s -> s.getJsonObject("attributes").getString("url.path"))
        .containsExactly("/plain/a", "/busy/b");
    assertThat(spans).extracting(s -> s.getString("kind")).containsOnly("client");
    assertThat(spans).extracting(s -> s.getString("status")).containsExactly("unset", "error");
    assertThat(spans).extracting(s -> s.getJsonObject("attributes").getInt("http.response.status_code"))
        .containsExactly(200, 503);
    assertThat(spans).allSatisfy(s -> assertThat(s.getJsonNumber("duration_nanos").longValue()).isPositive());
  }

  private static JsonObject parse(String line) {
    try (JsonReader reader = Json.createReader(new StringReader(line))) {
      return reader.readObject();
    }
  }

  @Test
  void aPortIsSeenAlsoOnAnOpenConnection() throws Exception {
    try (HttpConnection before = new HttpConnection(nginx.port())) {
      before.exchange("GET", "/plain/before", "", NOTHING);
      try (Live trace = new Live("Watching port", "--port", Integer.toString(nginx.port()))) {
        for (int i = 0; i < 3; i++) before.exchange("GET", "/plain/" + i, "", NOTHING);
        List<String> lines = trace.lines(3);
        assertThat(lines).hasSize(3).allMatch(l -> l.contains(" nginx server GET "));
        for (int i = 0; i < 3; i++) assertThat(lines.get(i)).contains(" url.path=/plain/" + i + " ");
        assertThat(trace.signal("INT")).isZero();
        assertThat(read(trace.err)).isEqualTo(
            "mop: Watching port " + nginx.port() + "; Ctrl-C ends it.\n"
                + "mop: 3 spans, 0 incomplete exchanges, 0 lost records.\n");
      }
    }
  }

  @Test
  void endsAfterSoManySpans() throws Exception {
    try (Live trace = new Live("Watching pid", "--pid", Long.toString(nginx.pid()), "--count", "2");
        HttpConnection connection = new HttpConnection(nginx.port())) {
      for (int i = 0; i < 5; i++) connection.exchange("GET", "/plain/" + i, "", NOTHING);
      assertThat(Children.awaitExit(trace.process)).isZero();
      assertThat(read(trace.out).lines()).hasSize(2);
      assertThat(read(trace.err)).containsPattern("mop: \\d spans");
    }
  }

  @Test
  void endsWithTheProcessesThatAreWatched() throws Exception {
    try (Live trace = new Live("Watching pid", "--pid", Long.toString(nginx.pid()))) {
      nginx.close();
      assertThat(Children.awaitExit(trace.process)).isZero();
      assertThat(read(trace.err)).contains("mop: 0 spans, ");
    }
  }

  @Test
  void endsAfterATime() throws Exception {
    Cli.Result result = trace(Map.of(), "--pid", Long.toString(nginx.pid()), "--duration", "1s");
    assertThat(result.code()).isZero();
    assertThat(result.err()).endsWith("0 lost records. Nothing was sent or received by pid " + nginx.pid() + ".\n");
  }

  /** The command is MOP's child: it does not outlive it when MOP is told to end. */
  @Test
  void aSignalEndsTheCommand() throws Exception {
    try (Live trace = new Live("started", "--", "sh", "-c", "echo started $$; exec sleep 1000")) {
      long pid = Long.parseLong(read(trace.out).strip().split(" ")[1]);
      assertThat(trace.signal("TERM")).isZero();
      assertThat(ProcessHandle.of(pid)).isEmpty();
    }
  }

  @Test
  void theCommandIsTheInvokingUsers() throws Exception {
    String say = "id -u; id -g; id -G; echo $HOME $USER; grep CapEff /proc/self/status; env | grep -c ^SUDO_";
    Cli.Result nobody = trace(SUDO, "--", "sh", "-c", say);
    List<String> lines = nobody.out().lines().toList();
    assertThat(lines.subList(0, 3)).containsExactly("65534", "65534", "65534");
    assertThat(lines.get(3)).doesNotContain("/root").endsWith(" nobody");
    assertThat(lines.subList(4, 6)).containsExactly("CapEff:\t0000000000000000", "0");
    assertThat(trace(Map.of("SUDO_UID", "65534"), "--", "id", "-u").code()).isEqualTo(6);
  }

  @Test
  void theSpansAreSentOn() throws Exception {
    curl();
    try (OtlpSink sink = new OtlpSink().keepRequests()) {
      Cli.Result result = trace(Map.of(), "--otlp", sink.url(), "--", "curl", "-s", url("/plain/a"));
      assertThat(result.code()).as(result.toString()).isZero();
      assertThat(result.err()).endsWith(" 1 delivered by OTLP, 0 not.\n");
      assertThat(sink.taken()).singleElement()
          .satisfies(s -> assertThat(s.attributes()).containsEntry("url.path", "/plain/a"));
    }
  }

  @ParameterizedTest(name = "without CAP_{0}")
  @ValueSource(strings = {"bpf", "perfmon"})
  void withoutThePrivilegeItSaysWhatIsMissingAndStartsNothing(String missing) throws Exception {
    Path proof = directory.resolve("started");
    String fewer = "-" + missing + ",-sys_admin";
    List<String> script =
        List.of("setpriv", "--bounding-set", fewer, "--inh-caps", fewer, Cli.MOP.toString());
    Path err = directory.resolve("err.txt");
    Process process =
        Cli.command(script, directory, Map.of(), words("--", "touch", proof.toString()))
            .redirectErrorStream(true).redirectOutput(err.toFile()).start();
    assertThat(Children.awaitExit(process)).isEqualTo(6);
    assertThat(read(err)).isEqualTo(
        "mop: Tracing loads eBPF programs, for which this process lacks CAP_BPF and CAP_PERFMON: run it as root,"
            + " \"sudo mop trace ...\"; CMD runs as you all the same.\n");
    assertThat(proof).doesNotExist();
  }

  @Test
  void aCommandThatCannotBeWatchedDoesNotRun() throws Exception {
    Path proof = directory.resolve("started");
    Cli.Result result = trace(Map.of(), "--otlp", "no endpoint", "--", "touch", proof.toString());
    assertThat(result.code()).as(result.toString()).isEqualTo(3);
    assertThat(result.err()).contains("exporters.otlp.endpoint");
    assertThat(proof).doesNotExist();
  }
}
