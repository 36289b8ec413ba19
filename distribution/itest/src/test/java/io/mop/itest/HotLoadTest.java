package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.testkit.NeedsBpf;
import io.mop.testkit.OtlpSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.function.Consumer;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A plugin's file comes, is followed by bad ones and goes, under traffic: no span is lost or comes twice. */
@NeedsBpf
@Timeout(300)
class HotLoadTest {
  private static final String SHIPPED = System.getProperty("mop.version").replace('-', '.');

  @TempDir Path directory;
  private final OtlpSink sink = new OtlpSink().keepRequests();
  private Path plugins;
  private Nginx nginx;
  private Traffic traffic;

  @BeforeEach
  void start() throws IOException {
    plugins = Files.createDirectory(directory.resolve("plugins"));
    nginx = Nginx.start(directory.resolve("nginx"));
    traffic = new Traffic(nginx.port(), "load", 4);
  }

  @AfterEach
  void stop() {
    traffic.close();
    nginx.close();
    sink.close();
  }

  /** The shipped attributes plugin with another manifest, put into the plugins directory in one step. */
  private void drop(String file, Consumer<Attributes> change) throws IOException {
    Path shipped = Distribution.files("bundles", ".jar").stream()
        .filter(f -> f.getFileName().toString().startsWith("io.mop.plugins.attributes-"))
        .findFirst().orElseThrow();
    Path part = directory.resolve(file);
    try (JarFile jar = new JarFile(shipped.toFile())) {
      Manifest manifest = jar.getManifest();
      change.accept(manifest.getMainAttributes());
      try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(part), manifest)) {
        for (JarEntry entry : jar.stream().filter(e -> !e.getName().equals(JarFile.MANIFEST_NAME)).toList()) {
          out.putNextEntry(new JarEntry(entry.getName()));
          out.write(jar.getInputStream(entry).readAllBytes());
        }
      }
    }
    Files.move(part, plugins.resolve(file), StandardCopyOption.ATOMIC_MOVE);
  }

  private void newest(Attributes manifest) {
    manifest.putValue("Bundle-Version", "9.0.0");
  }

  private void needsALaterApi(Attributes manifest) {
    manifest.putValue("Bundle-Version", "9.1.0");
    manifest.putValue(
        "Import-Package",
        manifest.getValue("Import-Package").replaceAll("io\\.mop\\.api\\.data;version=\"[^\"]*\"",
            "io.mop.api.data;version=\"[8,9)\""));
  }

  /** That many more spans have arrived. */
  private void awaitMore(int spans) {
    sink.awaitSpans(sink.spans() + spans, Await.LIMIT);
  }

  @Test
  void aDroppedVersionTakesOverABadOneDoesNotAndTheShippedOneComesBack() throws Exception {
    String config = Pipelines.nginxTo(sink, nginx);
    try (MopProcess mop = MopProcess.start(directory, config, "--plugins", plugins.toString())) {
      assertThat(versions(mop)).isEqualTo(Map.of(SHIPPED, "active"));
      traffic.begin();
      awaitMore(100);

      drop("attributes-9.jar", this::newest);
      Map<String, String> taken = Map.of(SHIPPED, "standby", "9.0.0", "active");
      mop.await("9.0.0 is active", s -> s.versions("processor", "attributes").equals(taken));
      awaitMore(200);
      mop.await("9.0.0 has worked", s -> s.calls("processor", "attributes", "9.0.0") > 0);

      drop("later.jar", this::needsALaterApi);
      awaitRefusal(mop, "later.jar", "io.mop.api.data");
      Files.writeString(plugins.resolve("text.jar"), "no JAR");
      awaitRefusal(mop, "text.jar", "is not a complete JAR file");
      assertThat(versions(mop)).as("after two refusals").isEqualTo(taken);
      awaitMore(100);

      Files.delete(plugins.resolve("attributes-9.jar"));
      mop.await("the shipped one is back", s -> "active".equals(s.versions("processor", "attributes").get(SHIPPED)));
      awaitMore(200);
      traffic.end();
      mop.await("all is delivered", s -> s.traces("exporters.otlp", "out") == traffic.count());
      mop.statusByCommand().assertNothingLost();
      assertThat(Pipelines.requests(sink.taken())).containsExactlyInAnyOrderElementsOf(traffic.answered());
      assertThat(mop.stop()).as("exit code").isZero();
      assertThat(mop.log()).doesNotContain(" ERROR ");
    }
  }

  private static Map<String, String> versions(MopProcess mop) {
    return mop.await("status", s -> true).versions("processor", "attributes");
  }

  private void awaitRefusal(MopProcess mop, String file, String why) throws Exception {
    Await.until(
        file + " is refused",
        () -> mop.log().lines().anyMatch(line -> line.contains(file) && line.contains(why)),
        mop::log);
    Cli.Result result = mop.command("plugins", "why", plugins.resolve(file).toString());
    assertThat(result.out().lines()).as("mop plugins why").singleElement().asString().contains(file, why);
  }
}
