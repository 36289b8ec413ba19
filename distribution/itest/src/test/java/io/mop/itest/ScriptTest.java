package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/mop} as a user starts it. */
@Timeout(60)
class ScriptTest {
  @TempDir Path dir;

  private record Result(int code, String out, String err) {}

  private Result mop(Path script, Map<String, String> env, String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).directory(dir.toFile());
    builder.environment().remove("MOP_STATE");
    builder.environment().remove("MOP_CONFIG");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(env);
    builder.redirectOutput(dir.resolve("out").toFile()).redirectError(dir.resolve("err").toFile());
    int code = builder.start().waitFor();
    return new Result(
        code,
        Files.readString(dir.resolve("out"), StandardCharsets.UTF_8),
        Files.readString(dir.resolve("err"), StandardCharsets.UTF_8));
  }

  private Result mop(Map<String, String> env, String... args) throws Exception {
    return mop(Distribution.HOME.resolve("bin/mop"), env, args);
  }

  @Test
  void version() throws Exception {
    Result result = mop(Map.of(), "version");
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
    Result status = mop(Map.of("MOP_STATE", dir.toString()), "status");
    assertThat(status.code()).isEqualTo(5);
    assertThat(status.err())
        .isEqualTo("mop: MOP is not running with state directory " + dir
            + ", or it is another user's: there is no mop.sock.\n");
  }

  @Test
  void aStateDirectoryThatCannotBeUsedIsASentence() throws Exception {
    Files.writeString(dir.resolve("mop.yaml"), "");
    Result result = mop(Map.of(), "run", "-c", "mop.yaml", "--state", dir.resolve("mop.yaml/state").toString());
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
        .endsWith("io.mop.cli.Main", "run", "-c", "a b")
        .doesNotContain("--enable-native-access=ALL-UNNAMED");
    assertThat(mop(Map.of("JAVA_HOME", later), "run").out().lines())
        .contains("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-Xmx256m");
    assertThat(mop(Map.of("JAVA_HOME", later), "status").out().lines())
        .contains("-XX:TieredStopAtLevel=1")
        .doesNotContain("-Xmx256m");
  }

  @Test
  void withoutAJavaThatFitsItSaysSo() throws Exception {
    Result none = mop(Map.of("JAVA_HOME", dir.resolve("none").toString()), "version");
    assertThat(none.code()).isEqualTo(1);
    assertThat(none.err())
        .isEqualTo("mop: There is no Java runtime at " + dir.resolve("none/bin/java")
            + ": install Java 17 or later, or set JAVA_HOME.\n");
    String eleven = fakeJava("11", "JAVA_VERSION=\"11.0.2\"\n").toString();
    assertThat(mop(Map.of("JAVA_HOME", eleven), "version").err())
        .isEqualTo("mop: " + eleven + "/bin/java is Java 11: MOP needs Java 17 or later (JAVA_HOME names it).\n");
  }
}
