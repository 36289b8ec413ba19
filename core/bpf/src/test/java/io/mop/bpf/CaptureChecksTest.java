package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.control.Checks.Check;
import io.mop.control.Checks.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On a machine made of files, which is in order but for what a test changes. */
class CaptureChecksTest {
  /** DAC_READ_SEARCH, SYS_PTRACE, PERFMON, BPF. */
  private static final String ENOUGH = "000000c000080004";

  @TempDir Path root;

  @BeforeEach
  void machineInOrder() throws Exception {
    file("proc/sys/kernel/osrelease", "6.18.1-test\n");
    file("sys/kernel/btf/vmlinux", "x");
    file("proc/self/mounts", "tracefs /sys/kernel/tracing tracefs rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n");
    file("proc/self/status", "Name:\tx\nCapEff:\t" + ENOUGH + "\nSeccomp:\t0\n");
    file("proc/self/limits", "Max locked memory         8388608              8388608              bytes\n");
    file("proc/meminfo", "MemAvailable:     524288 kB\n");
    file("proc/sys/kernel/unprivileged_bpf_disabled", "2\n");
    file("proc/filesystems", "nodev\ttracefs\n");
    Files.createDirectories(root.resolve("proc/self/ns"));
    link("pid:[4026531836]");
  }

  private void file(String name, String text) throws Exception {
    Path path = root.resolve(name);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void link(String target) throws Exception {
    Files.deleteIfExists(root.resolve("proc/self/ns/pid"));
    Files.createSymbolicLink(root.resolve("proc/self/ns/pid"), Path.of(target));
  }

  private Map<String, Check> facts() {
    Map<String, Check> facts = new LinkedHashMap<>();
    new CaptureChecks(new Machine(root)).facts().forEach(c -> facts.put(c.name(), c));
    return facts;
  }

  @Test
  void aMachineInOrder() {
    assertThat(facts().values())
        .hasSize(16)
        .allSatisfy(c -> assertThat(c.result()).as(c.toString()).isEqualTo(Result.OK));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "proc/sys/kernel/osrelease | 5.4.0-x | kernel | FAIL | 5.4.0-x: capture needs Linux 5.12",
        "proc/sys/kernel/osrelease | 5.12.0 | kernel | OK | 5.12.0: without the socket tracepoints of Linux 6.3 capture uses hook sys_exit, which costs every system call",
        "proc/sys/kernel/osrelease | 6.2.0 | kernel | OK | 6.2.0: without",
        "proc/sys/kernel/osrelease | 6.3-rc1 | kernel | OK | 6.3-rc1",
        "proc/sys/kernel/osrelease | 7.0 | kernel | OK | 7.0",
        "proc/self/mounts | none | tracefs | OK | not mounted, and not needed: capture finds tracepoints by BTF; mounting it takes CAP_SYS_ADMIN",
        "proc/self/mounts | none | cgroup v2 | WARN | not mounted",
        "sys/kernel/security/lockdown | none [integrity] confidentiality | lockdown | OK | integrity",
        "sys/kernel/security/lockdown | none integrity [confidentiality] | lockdown | FAIL | confidentiality: the kernel",
        "proc/sys/kernel/unprivileged_bpf_disabled | 0 | unprivileged_bpf_disabled | WARN | 0: every user",
        "proc/self/status | Seccomp: 2 | seccomp | WARN | a filter is in force; for capture",
        "proc/self/status | Seccomp: 1 | seccomp | FAIL | strict mode",
        "proc/meminfo | MemAvailable: 20000 kB | ring memory | WARN | 19 MiB of memory free",
      })
  void whatIsFound(String file, String text, String name, Result result, String meaning) throws Exception {
    file(file, text);
    assertThat(facts().get(name).result()).isEqualTo(result);
    assertThat(facts().get(name).meaning()).startsWith(meaning);
  }

  @ParameterizedTest(name = "CapEff {0}")
  @CsvSource({
    "0000000000000000, FAIL, FAIL, FAIL", "0000008000080004, FAIL, OK, OK", "0000004000080004, FAIL, OK, OK",
    "000000c000000004, OK, FAIL, FAIL", "000000c000080000, OK, OK, FAIL", "000000c000080002, OK, OK, OK",
    "0000000000200000, OK, FAIL, FAIL",
  })
  void eachFeatureNamesItsCapabilities(String effective, Result load, Result exe, Result port) throws Exception {
    file("proc/self/status", "CapEff:\t" + effective + "\n");
    assertThat(facts().get("capabilities: load programs").result()).isEqualTo(load);
    assertThat(facts().get("capabilities: select by exe").result()).isEqualTo(exe);
    assertThat(facts().get("capabilities: select by port").result()).isEqualTo(port);
    if (load == Result.FAIL) {
      assertThat(facts().get("capabilities: load programs").meaning())
          .startsWith("not in effect: CAP_BPF and CAP_PERFMON; without capture cannot start");
    }
  }

  @ParameterizedTest(name = "{0}, CapEff {1}")
  @CsvSource({
    "6.6.0, 000000c000000000, OK, CAP_BPF and CAP_PERFMON in effect", "6.6.0, 0000000000200000, OK, CAP_BPF and",
    "6.6.0, 0000008000000000, WARN, not in effect: CAP_BPF and CAP_PERFMON; without what programs encrypt",
    "6.5.0, 0000000000200000, WARN, need Linux 6.6 or later (uprobe.multi)",
  })
  void probesInProgramsNeedLinux66AndTwoCapabilities(String kernel, String effective, Result result, String meaning)
      throws Exception {
    file("proc/sys/kernel/osrelease", kernel);
    file("proc/self/status", "CapEff:\t" + effective + "\n");
    assertThat(facts().get("capabilities: probes in programs (TLS)").result()).isEqualTo(result);
    assertThat(facts().get("capabilities: probes in programs (TLS)").meaning()).startsWith(meaning);
  }

  @ParameterizedTest(name = "proc {0}, CapEff {1}")
  @CsvSource({
    "'rw', 0000000000000000, OK", "'rw,hidepid=0', 0000000000000000, OK", "'rw,hidepid=off', 0000000000000000, OK",
    "'rw,hidepid=2', 0000000000000000, FAIL", "'rw,hidepid=invisible,gid=4', 0000000000000000, FAIL",
    "'rw,hidepid=2', 0000000000080000, OK",
  })
  void argumentsAndGroupsAreHiddenByHidepidOnly(String options, String effective, Result result) throws Exception {
    file("proc/self/mounts", "proc /proc proc " + options + " 0 0\n");
    file("proc/self/status", "CapEff:\t" + effective + "\n");
    assertThat(facts().get("capabilities: select by command, cgroup").result()).isEqualTo(result);
  }

  @ParameterizedTest(name = "CapEff {0}")
  @CsvSource({"0000000000080004, OK", "0000000000000004, WARN", "0000000000080000, WARN"})
  void namesOfContainersAreTheirEngines(String effective, Result result) throws Exception {
    file("proc/self/status", "CapEff:\t" + effective + "\n");
    assertThat(facts().get("capabilities: select by container").result()).isEqualTo(result);
  }

  @ParameterizedTest(name = "{0}, {1}, CapEff {2}")
  @CsvSource({
    "5.10.0, 8388608, 0000000000000000, FAIL", "5.10.0, unlimited, 0000000000000000, OK",
    "5.10.0, 8388608, 0000000001000000, OK", "5.11.0, 8388608, 0000000000000000, OK",
  })
  void theMemoryLockLimitCountsBefore511(String kernel, String limit, String effective, Result result) throws Exception {
    file("proc/sys/kernel/osrelease", kernel);
    file("proc/self/limits", "Max locked memory         " + limit + "    8388608    bytes\n");
    file("proc/self/status", "CapEff:\t" + effective + "\n");
    assertThat(facts().get("memory lock limit").result()).isEqualTo(result);
  }

  @Test
  void aPidNamespaceOfItsOwnFails() throws Exception {
    link("pid:[4026532000]");
    assertThat(facts().get("PID namespace").result()).isEqualTo(Result.FAIL);
    assertThat(facts().get("PID namespace").meaning()).contains("hostPID: true");
  }

  @Test
  void withoutTypesCaptureFails() throws Exception {
    Files.delete(root.resolve("sys/kernel/btf/vmlinux"));
    assertThat(facts().get("kernel types (BTF)").result()).isEqualTo(Result.FAIL);
  }

  /** A container may hide all of it. */
  @Test
  void amongNoFilesAtAllNothingIsThrown() {
    assertThat(new CaptureChecks(new Machine(root.resolve("none"))).facts()).hasSize(16);
  }
}
