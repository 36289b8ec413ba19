package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.header.Parameters;
import io.mop.launcher.Feature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every tar runs as it is unpacked, and holds what its role needs. */
@Timeout(300)
class TarsTest {
  @TempDir Path directory;

  static List<Tar> tars() {
    return Tar.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tars")
  void itsDefaultIsValidAndRuns(Tar tar) throws Exception {
    Path home = tar.unpack(directory);
    Map<String, String> env = Tar.freePorts();
    Path script = home.resolve("bin/mop");
    Cli.Result valid = Cli.run(script, directory, env, "validate", home.resolve("etc/mop.yaml").toString());
    assertThat(valid.code()).as(valid.err()).isZero();
    assertThat(valid.err()).as("notes on a default").isEmpty();
    Path config = home.resolve("features/" + tar.role() + ".yaml");
    try (MopProcess mop = MopProcess.start(List.of(script.toString()), directory.resolve("run"), config, env)) {
      Status status = mop.await("MOP runs", s -> s.state().equals("running"));
      assertThat(status.unhealthy().keySet()).as("unhealthy, as not root").isSubsetOf("receivers.ebpf");
      assertThat(mop.stop()).as("exit code; log: %s", mop.log()).isZero();
      assertThat(mop.log()).doesNotContain(" ERROR ", "\"ERROR\"");
      assertThat(mop.log().startsWith("{")).as("JSON log").isEqualTo(!tar.environment().equals("dev"));
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"agent, true", "gateway, false", "all-in-one, true"})
  void onlyWhoCapturesHasWhatCaptureNeeds(String role, boolean captures) throws Exception {
    Path home = Tar.of(role, "production").unpack(directory);
    Feature feature = Feature.read(home.resolve("features/" + role + ".json"));
    List<String> named = feature.bundles().stream().map(Feature.Entry::file).sorted().toList();
    try (Stream<Path> files = Files.list(home.resolve("bundles"))) {
      assertThat(files.map(file -> file.getFileName().toString()).sorted()).containsExactlyElementsOf(named);
    }
    assertThat(named.stream().anyMatch(name -> name.matches("(jna|io\\.mop\\.(bpf|capture|plugins\\.probe-.*))-\\d.*")))
        .isEqualTo(captures);
    assertThat(named).anyMatch(name -> name.startsWith("io.mop.plugins.otlp-"));
    List<String> unit = Files.readAllLines(home.resolve("systemd/mop.service"));
    String capabilities = captures ? "CAP_BPF CAP_DAC_READ_SEARCH CAP_PERFMON CAP_SYS_PTRACE" : "";
    assertThat(unit)
        .contains("CapabilityBoundingSet=" + capabilities, "AmbientCapabilities=" + capabilities, "DynamicUser=yes");
    assertThat(home.resolve("third-party/jna").toFile().exists()).isEqualTo(captures);
    try (Stream<Path> features = Files.list(home.resolve("features"))) {
      assertThat(features).hasSize(2);
    }
  }

  @Test
  void anEnvironmentsVariablesGiveWayToTheProcesss() throws Exception {
    Path home = Tar.of("agent", "production").unpack(directory);
    Path java = Files.createDirectories(directory.resolve("java/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nfor a; do echo \"$a\"; done\nenv\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Map<String, String> env =
        Map.of("JAVA_HOME", directory.resolve("java").toString(), "MOP_HEAP", "99m", "MOP_LOG_FORMAT", "text");
    Cli.Result result = Cli.run(home.resolve("bin/mop"), directory, env, "run");
    assertThat(result.out().lines())
        .contains(
            "-Xmx99m", "-XX:MaxDirectMemorySize=56m", "MOP_FEATURE=agent", "MOP_TRUST=require", "MOP_LOG_FORMAT=text");
  }

  /** Units, security contexts, Services and probes are made of these: features/README.md. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "io.mop.bpf, mop.linux.cap",
    "io.mop.bpf, mop.host.namespace",
    "io.mop.plugins.otlp, mop.endpoint",
    "io.mop.telemetry, mop.endpoint",
  })
  void whatListensOrIsPrivilegedDeclaresIt(String bundle, String namespace) throws Exception {
    for (Path file : Distribution.files("bundles", ".jar")) {
      if (file.getFileName().toString().startsWith(bundle + "-")) {
        try (JarFile jar = new JarFile(file.toFile())) {
          String provided = jar.getManifest().getMainAttributes().getValue("Provide-Capability");
          assertThat(new Parameters(provided).keySet()).as("%s in bnd.bnd of %s", namespace, bundle).contains(namespace);
        }
      }
    }
  }

  @Test
  void sumsAreOfTheTars() throws Exception {
    Path tars = Tar.all().get(0).file().getParent();
    Process check = new ProcessBuilder("sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS")
        .directory(tars.toFile()).inheritIO().start();
    assertThat(check.waitFor()).isZero();
    assertThat(Files.readAllLines(tars.resolve("SHA256SUMS"))).hasSize(9);
  }
}
