package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mop.testkit.NeedsBpf;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The checks in a process of root's whose capabilities are dropped one by one. */
@NeedsBpf
@Timeout(120)
class DroppedCapabilitiesTest {
  private static final String LOAD = "capabilities: load programs";
  private static final String EXE = "capabilities: select by exe";
  private static final String PORT = "capabilities: select by port";
  private static final String CONTAINER = "capabilities: select by container";
  private static final String TLS = "capabilities: probes in programs (TLS)";
  private static final String PROGRAMS = "capture programs";

  @ParameterizedTest(name = "without {0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "chown | | ",
        "bpf,sys_admin | " + LOAD + "," + PROGRAMS + " | " + TLS,
        "perfmon,sys_admin | " + LOAD + "," + PROGRAMS + " | " + TLS,
        "sys_ptrace | " + EXE + "," + PORT + " | " + CONTAINER,
        "dac_read_search,dac_override | " + PORT + " | " + CONTAINER,
      })
  void eachDropIsNamedAndNothingElseFails(String dropped, String failing, String warned) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "needs /usr/bin/setpriv");
    List<String> command = new ArrayList<>(List.of("/usr/bin/setpriv"));
    command.addAll(List.of("--bounding-set", "-" + dropped.replace(",", ",-")));
    command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-Xmx64m"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.add(ChecksMain.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().toList();
    assertThat(process.waitFor()).as(lines.toString()).isZero();
    Map<String, String> results =
        lines.stream().map(l -> l.split(" \\| ")).collect(Collectors.toMap(l -> l[0], l -> l[1], (a, b) -> b));
    assertThat(those(results, "FAIL")).as(lines.toString()).containsExactlyInAnyOrder(names(failing));
    assertThat(those(results, "WARN")).as(lines.toString())
        .filteredOn(name -> name.startsWith("capabilities: ")).containsExactlyInAnyOrder(names(warned));
    assertThat(lines).hasSize(18).noneMatch(l -> l.contains("Exception") || l.startsWith("\tat "));
  }

  private static List<String> those(Map<String, String> results, String result) {
    return results.entrySet().stream().filter(e -> e.getValue().equals(result)).map(Map.Entry::getKey).toList();
  }

  private static String[] names(String list) {
    return list == null ? new String[0] : list.split(",");
  }
}
