package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/mop} as a user starts it. */
@Timeout(60)
class ScriptTest {
  @TempDir Path dir;

  private Cli.Result mop(Path script, Map<String, String> env, String... args) throws Exception {
    return Cli.run(script, dir, env, args);
  }

  private Cli.Result mop(Map<String, String> env, String... args) throws Exception {
    return mop(Cli.MOP, env, args);
  }

  @Test
  void version() throws Exception {
    Cli.Result result = mop(Map.of(), "version");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).startsWith("mop " + System.getProperty("mop.version") + "\njava ");
    assertThat(result.err()).isEmpty();
  }

  @Test
  void throughALink() throws Exception {
    Files.createDirectories(dir.resolve("usr/bin"));
    Path link = Files.createSymbolicLink(dir.resolve("mop"), Distribution.HOME.resolve("bin/mop"));
    Path second = Files.createSymbolicLink(dir.resolve("usr/bin/mop"), Path.of("../../mop"));
    assertThat(mop(link, Map.of(), "version").code()).isZero();
    assertThat(mop(second, Map.of(), "version").code()).isZero();
    Files.delete(second);
    Files.delete(link);
  }

  @Test
  void theExitCodesThatScriptsRelyOn() throws Exception {
    Files.writeString(dir.resolve("mop.yaml"), "");
    assertThat(mop(Map.of(), "fly").code()).isEqualTo(2);
    assertThat(mop(Map.of(), "validate", "none.yaml").code()).isEqualTo(4);
    assertThat(mop(Map.of(), "validate", "--feature", "none", "mop.yaml").code()).isEqualTo(4);
    Cli.Result status = mop(Map.of("MOP_STATE", dir.toString()), "status");
    assertThat(status.code()).isEqualTo(5);
    assertThat(status.err())
        .isEqualTo("mop: MOP is not running with state directory " + dir
            + ", or it is another user's: there is no mop.sock.\n");
  }

  @Test
  void aBrokenFileIsNamedWithItsLines() throws Exception {
    Files.writeString(
        dir.resolve("mop.yaml"),
        """
        receivers:
          ebpf: { select: [ { port: 99999 } ] }
        exporters:
          debug: { verbosty: basic }
        service:
          pipelines:
            traces: { receivers: [ebpf], exporters: [debug] }
        """);
    Cli.Result result = mop(Map.of(), "validate", "mop.yaml");
    assertThat(result.code()).as(result.err()).isEqualTo(3);
    assertThat(result.out()).isEmpty();
    assertThat(result.err().lines())
        .hasSize(2)
        .anyMatch(line -> line.matches(".*mop\\.yaml:2: receivers\\.ebpf\\.select\\[0\\]\\.port: .*65535.*"))
        .anyMatch(line -> line.matches(".*mop\\.yaml:4: exporters\\.debug\\.verbosty: .*verbosity.*"));
    assertThat(mop(Map.of(), "run", "-c", "mop.yaml", "--state", "state").code()).isEqualTo(3);
  }

  @Test
  void aStateDirectoryThatCannotBeUsedIsASentence() throws Exception {
    Files.writeString(dir.resolve("mop.yaml"), "");
    Cli.Result result = mop(Map.of(), "run", "-c", "mop.yaml", "--state", dir.resolve("mop.yaml/state").toString());
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err().lines())
        .singleElement().asString()
        .contains(" ERROR   io.mop.launcher: State directory " + dir.resolve("mop.yaml/state") + " cannot be used: ");
  }

  private Path fakeJava(String name, String release) throws Exception {
    Path home = dir.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), release);
    Path java = Files.writeString(home.resolve("bin/java"), "#!/bin/sh\nfor a; do echo \"$a\"; done\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return home;
  }

  @Test
  void runGetsAHeapAndALaterJavaItsOwnOptions() throws Exception {
    String seventeen = fakeJava("17", "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.15\"\n").toString();
    String later = fakeJava("25", "JAVA_VERSION=\"25\"\n").toString();
    List<String> run =
        mop(Map.of("JAVA_HOME", seventeen, "MOP_HEAP", "1g", "MOP_JAVA_OPTS", "-Da=1 -Db=2"), "run", "-c", "a b")
            .out().lines().toList();
    assertThat(run)
        .contains("-Xmx1g", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-Da=1", "-Db=2")
        .contains("-XX:PerfDataSamplingInterval=5000")
        .endsWith("io.mop.cli.Main", "run", "-c", "a b")
        .doesNotContain("--enable-native-access=ALL-UNNAMED");
    assertThat(mop(Map.of("JAVA_HOME", later), "run").out().lines())
        .contains("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Xmx256m")
        .doesNotContain("-XX:PerfDataSamplingInterval=5000"); // it warns of what it does not know any more
    assertThat(mop(Map.of("JAVA_HOME", later), "status").out().lines())
        .contains("-XX:TieredStopAtLevel=1")
        .doesNotContain("-Xmx256m");
  }

  @Test
  void withoutAJavaThatFitsItSaysSo() throws Exception {
    Cli.Result none = mop(Map.of("JAVA_HOME", dir.resolve("none").toString()), "version");
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err())
        .isEqualTo("mop: There is no Java runtime at " + dir.resolve("none/bin/java")
            + ": install Java 17 or later, or set JAVA_HOME.\n");
    String eleven = fakeJava("11", "JAVA_VERSION=\"11.0.2\"\n").toString();
    assertThat(mop(Map.of("JAVA_HOME", eleven), "version").err())
        .isEqualTo("mop: " + eleven + "/bin/java is Java 11: MOP needs Java 17 or later (JAVA_HOME names it).\n");
  }
}
