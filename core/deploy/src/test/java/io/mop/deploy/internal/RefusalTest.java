package io.mop.deploy.internal;

import static io.mop.deploy.Installation.State.ACTIVE;
import static io.mop.deploy.Installation.State.REFUSED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused, the sentence, and that version 1.0.0 works on. */
class RefusalTest {
  @TempDir Path home;
  private Bench bench;

  @BeforeEach
  void open() throws Exception {
    bench = Bench.open(home);
    bench.copy("rename-1.jar", PluginJar.rename("1.0.0").bytes());
    bench.await("rename-1.jar", ACTIVE);
  }

  @AfterEach
  void close() throws Exception {
    bench.close();
  }

  private static PluginJar x() {
    return PluginJar.rename("2.0.0");
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        argumentSet("empty", new byte[0], "x.jar is empty"),
        argumentSet(
            "not a zip",
            "hello, this is no zip file at all".getBytes(),
            "x.jar is not a complete JAR file: zip END header not found"),
        argumentSet(
            "not a bundle",
            x().without("Bundle-SymbolicName").bytes(),
            "x.jar is not an OSGi bundle: its manifest has no Bundle-SymbolicName"),
        argumentSet(
            "no manifest version",
            x().without("Bundle-ManifestVersion").bytes(),
            "x.jar is not an OSGi bundle: Bundle-ManifestVersion is missing, expected 2"),
        argumentSet(
            "old manifest version",
            x().with("Bundle-ManifestVersion", "1").bytes(),
            "x.jar is not an OSGi bundle: Bundle-ManifestVersion is 1, expected 2"),
        argumentSet(
            "version",
            x().with("Bundle-Version", "two").bytes(),
            "x.jar has Bundle-Version two, expected a form like 1.2.3 or 1.2.3.qualifier"),
        argumentSet(
            "fragment",
            x().with("Fragment-Host", "io.mop.engine").bytes(),
            "x.jar has the header Fragment-Host: a plugin is a bundle of its own, not a fragment"),
        argumentSet(
            "dynamic import",
            x().with("DynamicImport-Package", "*").bytes(),
            "x.jar has the header DynamicImport-Package: name the packages in Import-Package"),
        argumentSet(
            "native code",
            x().with("Bundle-NativeCode", "lib/x.so").bytes(),
            "x.jar has the header Bundle-NativeCode: plugins are pure Java"),
        argumentSet(
            "require bundle",
            x().with("Require-Bundle", "io.mop.engine").bytes(),
            "x.jar has the header Require-Bundle: name the packages in Import-Package"),
        argumentSet(
            "singleton",
            x().with("Bundle-SymbolicName", "acme.rename;singleton:=true").bytes(),
            "x.jar is a singleton bundle: two versions must fit beside each other for a swap;"
                + " leave singleton:=true out"),
        argumentSet(
            "JNA",
            x().imports("com.sun.jna;resolution:=optional").bytes(),
            "x.jar imports com.sun.jna: only MOP's capture core calls native code,"
                + " a plugin that does leaks memory at every update"),
        argumentSet(
            "JNA platform",
            x().imports("com.sun.jna.platform").bytes(),
            "x.jar imports com.sun.jna.platform: only MOP's capture core calls native code,"
                + " a plugin that does leaks memory at every update"),
        argumentSet("engine", x().imports("io.mop.engine").bytes(), onlyApi("io.mop.engine")),
        argumentSet("control", x().imports("a;io.mop.control").bytes(), onlyApi("io.mop.control")),
        argumentSet("otlp", x().imports("io.mop.otlp").bytes(), onlyApi("io.mop.otlp")),
        argumentSet("config", x().imports("io.mop.config").bytes(), onlyApi("io.mop.config")),
        argumentSet("deploy", x().imports("io.mop.deploy").bytes(), onlyApi("io.mop.deploy")),
        argumentSet("bpf", x().imports("io.mop.bpf").bytes(), onlyApi("io.mop.bpf")),
        argumentSet("capture", x().imports("io.mop.capture").bytes(), onlyApi("io.mop.capture")),
        argumentSet("shell", x().imports("io.mop.shell").bytes(), onlyApi("io.mop.shell")),
        argumentSet("like the API", x().imports("io.mop.apix").bytes(), onlyApi("io.mop.apix")),
        argumentSet(
            "export",
            x().with("Export-Package", "acme,io.mop.api.plugin;version=9").bytes(),
            "x.jar exports io.mop.api.plugin: only MOP exports io.mop packages"),
        argumentSet(
            "copy of the API",
            x().entry("io/mop/api/plugin/Plugin.class", "").bytes(),
            "x.jar contains a copy of io.mop.api: leave it out and import it"),
        argumentSet(
            "malformed import",
            x().imports("a;version=\"1").bytes(),
            "x.jar has a Import-Package that cannot be read: a quotation mark is not closed"),
        argumentSet(
            "newer API",
            x().imports("io.mop.api.data;version=\"[2.0,3)\"").bytes(),
            "x.jar needs io.mop.api.data [2.0,3); this MOP offers 1.0.0: rebuild it or upgrade MOP"),
        argumentSet(
            "newer API without a limit",
            x().imports("io.mop.api.data;version=2").bytes(),
            "x.jar needs io.mop.api.data 2.0.0 or later; this MOP offers 1.0.0: rebuild it or upgrade MOP"),
        argumentSet(
            "version range",
            x().imports("io.mop.api.data;version=\"[2,1\"").bytes(),
            "x.jar imports io.mop.api.data with version [2,1, expected a form like [1.0,2)"),
        argumentSet(
            "unknown package",
            x().imports("com.example.json").bytes(),
            "x.jar needs the package com.example.json, which this MOP does not offer:"
                + " put it into the plugin, or import it with resolution:=optional"),
        argumentSet(
            "newer Java",
            x().with("Require-Capability", "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=99))\"").bytes(),
            "x.jar needs a Java platform with (&(osgi.ee=JavaSE)(version=99)); this is Java "
                + Runtime.version().feature()),
        argumentSet(
            "capability",
            x().with("Require-Capability", "acme.db;filter:=\"(kind=sql)\"").bytes(),
            "x.jar needs the capability acme.db (kind=sql), which no bundle of this MOP offers"),
        argumentSet(
            "no component",
            x().without("Bundle-Activator").bytes(),
            "x.jar registers no plugin: its manifest has no Service-Component;"
                + " a plugin is a class with @Component and @Provides"),
        argumentSet(
            "no service",
            x().with("Test-Start", "none").bytes(),
            "x.jar registers no plugin: none of its components is a satisfied io.mop.api.plugin.Plugin"),
        argumentSet(
            "no properties",
            x().without("Test-Name").bytes(),
            "x.jar registers no plugin: its Plugin service has no mop.kind and mop.name;"
                + " annotate the class with @Provides"),
        argumentSet(
            "unknown kind",
            x().with("Test-Kind", "FILTER").bytes(),
            "x.jar registers no plugin: its mop.kind is FILTER,"
                + " expected one of [RECEIVER, PROCESSOR, EXPORTER, PROTOCOL]"),
        argumentSet(
            "start",
            x().with("Test-Start", "throw").bytes(),
            "x.jar does not start: IllegalStateException: no luck today"),
        argumentSet(
            "no activator class",
            x().with("Bundle-Activator", "acme.Missing").bytes(),
            "x.jar does not start: ClassNotFoundException: acme.Missing not found by acme.rename [2]"));
  }

  private static String onlyApi(String name) {
    return "x.jar imports " + name + ": plugins use packages of io.mop.api only";
  }

  @ParameterizedTest
  @MethodSource("refused")
  void isRefusedWithASentence(byte[] jar, String sentence) throws Exception {
    bench.copy("x.jar", jar);

    assertThat(bench.await("x.jar", REFUSED).reason()).isEqualTo(sentence);
    assertThat(bench.deployer().why(bench.plugins.resolve("x.jar"))).isEqualTo(sentence);
    assertThat(bench.record("rename-1.jar", ACTIVE)).isPresent();
    assertThat(bench.installed()).containsExactly("1.0.0");
    assertThat(bench.engine.used).containsExactly("1.0.0");
    assertThat(bench.plugins.resolve("x.jar")).hasBinaryContent(jar);
    assertThat(bench.deployer().swaps().get(0).reason()).isEqualTo(sentence);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void anOverwrittenFileLeavesTheOldVersionRunning(byte[] jar, String sentence) throws Exception {
    bench.copy("rename-1.jar", jar);

    assertThat(bench.await("rename-1.jar", REFUSED).reason()).isEqualTo(sentence.replace("x.jar", "rename-1.jar"));
    assertThat(bench.await("rename-1.jar", ACTIVE).version()).isEqualTo("1.0.0");
    assertThat(bench.installed()).containsExactly("1.0.0");
    assertThat(bench.engine.used).containsExactly("1.0.0");
  }

  @Test
  void aPluginMayImportWhatIsOffered() throws Exception {
    byte[] jar = x().imports("io.mop.api.data;version=\"[1.0,2)\",com.example.none;resolution:=optional,acme.own")
        .with("Export-Package", "acme.own,acme")
        .with("Require-Capability", "osgi.ee;filter:=\"(&(osgi.ee=JavaSE)(version=17))\",a.b;effective:=active")
        .entry("acme/own/note.txt", "")
        .bytes();
    bench.copy("x.jar", jar);

    assertThat(bench.await("x.jar", ACTIVE).version()).isEqualTo("2.0.0");
  }

  @Test
  void aPluginDoesNotUsePackagesOfAnother() throws Exception {
    bench.copy(
        "lib.jar",
        PluginJar.of("acme.lib", "1.0.0").with("Test-Name", "lib").with("Export-Package", "acme;version=1").bytes());
    bench.await("lib.jar", ACTIVE);
    bench.copy("x.jar", x().imports("acme").bytes());

    assertThat(bench.await("x.jar", REFUSED).reason()).startsWith("x.jar needs the package acme, which this MOP");
  }

  @Test
  void tooLarge() throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(bench.plugins.resolve("x.jar").toFile(), "rw")) {
      file.setLength(Store.LIMIT + 1);
    }
    assertThat(bench.await("x.jar", REFUSED).reason())
        .isEqualTo("x.jar has 67108865 bytes; a plugin may have at most 67108864 (64 MiB)");
  }

  @Test
  void whatTheEngineRefusesIsUninstalledAndTriedAgainWhenTheFileIsWrittenAgain() throws Exception {
    bench.engine.refuses.put("2.0.0", "cannot read rename/2");
    bench.copy("x.jar", x().bytes());

    String sentence = "x.jar was refused by the engine: cannot read rename/2";
    assertThat(bench.await("x.jar", REFUSED).reason()).isEqualTo(sentence);
    assertThat(bench.installed()).containsExactly("1.0.0");
    assertThat(bench.deployer().why(bench.plugins.resolve("x.jar"))).isEqualTo(sentence);
    assertThat(bench.engine.withdrawn).isEmpty();

    bench.engine.refuses.clear();
    Files.delete(bench.plugins.resolve("x.jar"));
    bench.copy("x.jar", x().bytes());
    bench.await("x.jar", ACTIVE);
    assertThat(bench.engine.used).containsExactly("1.0.0", "2.0.0");
  }

  @Test
  void aPluginThatNeverEndsItsStartIsRefusedAndTheDeployerGoesOn() throws Exception {
    bench.close();
    bench = new Bench(home, Trust.Policy.OFF, Duration.ofMillis(200));
    CountDownLatch release = new CountDownLatch(1);
    bench.context.registerService(CountDownLatch.class, release, null);
    bench.start();
    try {
      bench.await("rename-1.jar", ACTIVE);
      bench.copy("x.jar", x().with("Test-Start", "hang").bytes());

      assertThat(bench.await("x.jar", REFUSED).reason()).isEqualTo("x.jar did not start within 200 ms");
      bench.copy("rename-3.jar", PluginJar.rename("3.0.0").bytes());
      bench.await("rename-3.jar", ACTIVE);
    } finally {
      release.countDown();
    }
    bench.awaitInstalled("1.0.0", "3.0.0");
    assertThat(bench.engine.withdrawn).isEmpty();
  }
}
