package io.mop.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs as they are started in practice, and what they are called. */
@Timeout(300)
class RealProcessesTest {
  private static final Path PROC = Path.of("/proc");
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path directory;
  private final List<Process> started = new ArrayList<>();
  private final Program program = new Program(new ProcFs(PROC), new ProcDetails(PROC));
  private final ProcProcesses processes = new ProcProcesses(PROC);

  @AfterEach
  void stop() {
    for (Process p : started) {
      List<ProcessHandle> workers = p.descendants().toList();
      p.destroy();
      workers.forEach(ProcessHandle::destroyForcibly);
      p.destroyForcibly();
      p.onExit().join();
    }
  }

  private static String tool(String name) {
    return Stream.of("/usr/bin", "/usr/sbin")
        .map(d -> Path.of(d, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseGet(() -> Assumptions.abort("needs " + name + " in /usr/bin or /usr/sbin"))
        .toString();
  }

  private int start(Map<String, String> environment, String... command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().removeIf(k -> k.startsWith("OTEL_"));
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(directory.resolve("output.log").toFile());
    Process p = builder.start();
    started.add(p);
    return (int) p.pid();
  }

  private int start(String... command) throws IOException {
    return start(Map.of(), command);
  }

  private String name(int pid) {
    return program.name(pid).orElse("none");
  }

  private Map<String, Object> attributes(int pid) {
    return processes.resource(pid).attributes();
  }

  private void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(() -> what + " not within " + LIMIT + ": " + output()).isLessThan(end);
      LockSupport.parkNanos(10_000_000);
    }
  }

  private String output() {
    try {
      return Files.readString(directory.resolve("output.log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  @Test
  void aJarIsNamedWithoutItsVersion() throws IOException {
    String main = Listener.class.getName();
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, main);
    Path jar = directory.resolve("shop-api-1.2.3.jar");
    try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file, manifest)) {
      String entry = main.replace('.', '/') + ".class";
      out.putNextEntry(new ZipEntry(entry));
      out.write(Files.readAllBytes(Path.of("target", "test-classes", entry)));
    }
    int pid = start(Map.of("JDK_JAVA_OPTIONS", "-Da=b"), java(), "-Xmx32m", "-jar", jar.toString(), "--x");
    assertThat(name(pid)).isEqualTo("shop-api");
    assertThat(attributes(pid))
        .containsEntry("process.runtime.name", "OpenJDK Runtime Environment")
        .containsEntry("process.runtime.version", System.getProperty("java.runtime.version"));
  }

  @Test
  void aMainClassIsNamedInFull() throws IOException {
    String classes = Path.of("target", "test-classes").toAbsolutePath().toString();
    assertThat(name(start(java(), "-cp", classes, Listener.class.getName()))).isEqualTo("io.mop.capture.Listener");
  }

  @Test
  void aNodeScriptIsItsPackageElseItsFile() throws IOException {
    String script = "setInterval(() => {}, 1e6)";
    file("server.js", script);
    int pid = start(tool("node"), "--max-old-space-size=64", "server.js");
    assertThat(name(pid)).isEqualTo("server");
    assertThat(attributes(pid)).containsEntry("process.runtime.name", "nodejs");
    file("cart/package.json", "{\"version\": \"1.0.0\", \"name\": \"cart\"}");
    file("cart/src/index.js", script);
    assertThat(name(start(tool("node"), "cart/src/index.js"))).isEqualTo("cart");
  }

  @Test
  void pythonIsItsModuleOrScript() throws IOException {
    String wait = "import signal; signal.pause()\n";
    file("pkg/__init__.py", "");
    file("pkg/mod.py", wait);
    file("app.py", wait);
    int module = start(tool("python3"), "-um", "pkg.mod");
    assertThat(name(module)).isEqualTo("pkg.mod");
    assertThat(attributes(module)).containsEntry("process.runtime.name", "cpython");
    assertThat(name(start(tool("python3"), "app.py", "-m", "x"))).isEqualTo("app");
    assertThat(name(start(tool("python3"), "-c", wait))).isEqualTo("none");
  }

  @Test
  void environmentNamesTheService() throws IOException {
    file("app.py", "import signal; signal.pause()\n");
    String more = "service.namespace=shop,service.version=1.2,deployment.environment.name=test";
    Map<String, String> environment = Map.of("OTEL_SERVICE_NAME", "cart", "OTEL_RESOURCE_ATTRIBUTES", more);
    int pid = start(environment, tool("python3"), "app.py");
    assertThat(attributes(pid))
        .containsEntry("service.name", "cart")
        .containsEntry("service.namespace", "shop")
        .containsEntry("service.version", "1.2")
        .containsEntry("deployment.environment.name", "test")
        .containsEntry("os.type", "linux");
  }

  private List<Integer> workers(int master, int n) {
    await("workers", () -> children(master).size() == n);
    return children(master);
  }

  private static List<Integer> children(int pid) {
    return ProcessHandle.of(pid).stream().flatMap(ProcessHandle::children).map(p -> (int) p.pid()).toList();
  }

  @Test
  void gunicornWorkersAreTheirAppAndInstancesOfTheirOwn() throws IOException {
    file("shop/__init__.py", "");
    file("shop/wsgi.py", "def app(environ, respond):\n  respond('200 OK', [])\n  return []\n");
    String address = "unix:" + directory.resolve("shop.sock");
    int master = start(tool("python3"), tool("gunicorn"), "-w", "2", "-b", address, "shop.wsgi:app");
    List<Integer> workers = workers(master, 2);
    List<Integer> all = Stream.concat(Stream.of(master), workers.stream()).toList();
    assertThat(all).allSatisfy(pid -> assertThat(name(pid)).isEqualTo("shop"));
    assertThat(all).extracting(pid -> attributes(pid).get("service.instance.id")).doesNotHaveDuplicates();
  }

  @Test
  void nginxIsItsExecutable() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path config =
        file(
            "nginx.conf",
            """
            daemon off; worker_processes 2; pid DIR/nginx.pid; error_log stderr;
            events {}
            http {
              access_log off;
              client_body_temp_path DIR/body; proxy_temp_path DIR/proxy; fastcgi_temp_path DIR/fastcgi;
              uwsgi_temp_path DIR/uwsgi; scgi_temp_path DIR/scgi;
              server { listen 127.0.0.1:PORT; }
            }
            """
                .replace("DIR", directory.toString())
                .replace("PORT", Integer.toString(port)));
    int master = start(tool("nginx"), "-p", directory.toString(), "-c", config.toString(), "-e", "stderr");
    List<Integer> workers = workers(master, 2);
    for (int pid : Arrays.asList(master, workers.get(0), workers.get(1))) {
      assertThat(name(pid)).isEqualTo("none");
      assertThat(attributes(pid)).containsEntry("process.executable.name", "nginx");
      assertThat(processes.listening(pid)).hasValue(Set.of(port));
    }
  }
}
