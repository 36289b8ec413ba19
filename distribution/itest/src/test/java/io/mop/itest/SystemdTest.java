package io.mop.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** systemd itself reads the units. */
class SystemdTest {
  private static final Path ANALYZE = Path.of("/usr/bin/systemd-analyze");
  @TempDir Path root;

  static List<Tar> tars() {
    return Tar.all().stream().filter(tar -> !tar.environment().equals("staging")).toList();
  }

  @BeforeEach
  void standardUnits() throws Exception {
    assumeThat(ANALYZE).as("systemd-analyze of the package systemd").isExecutable();
    Path units = Files.createDirectories(root.resolve("etc/systemd/system"));
    for (String target : List.of("sysinit", "basic", "network-online", "shutdown", "multi-user")) {
      Files.writeString(units.resolve(target + ".target"), "[Unit]\nDescription=" + target + "\n");
    }
  }

  /** What {@code systemd-analyze verify} says; nothing = it is right. */
  private String verify(String unit) throws Exception {
    Files.writeString(root.resolve("etc/systemd/system/mop.service"), unit);
    Path out = root.resolve("verify.txt");
    new ProcessBuilder(ANALYZE.toString(), "verify", "--root=" + root, "--man=no", "mop.service")
        .redirectErrorStream(true).redirectOutput(out.toFile()).start().waitFor();
    return Files.readString(out);
  }

  private String unit(Tar tar) throws Exception {
    Path home = tar.unpack(root.resolve("opt"));
    Files.createSymbolicLink(root.resolve("opt/mop"), home.getFileName());
    return Files.readString(home.resolve("systemd/mop.service"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("tars")
  void theUnitIsRight(Tar tar) throws Exception {
    assertThat(verify(unit(tar))).isEmpty();
  }

  @Test
  void whatIsWrongIsSeen() throws Exception {
    String unit = unit(Tar.of("gateway", "dev"));
    assertThat(verify(unit.replace("ProtectClock=", "ProtectClok="))).contains("Unknown key");
    assertThat(verify(unit.replace("/bin/mop run", "/bin/mopp run"))).contains("/opt/mop/bin/mopp is not executable");
  }
}
