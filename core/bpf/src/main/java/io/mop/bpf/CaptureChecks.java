package io.mop.bpf;

import static io.mop.control.Checks.Check.fail;
import static io.mop.control.Checks.Check.ok;
import static io.mop.control.Checks.Check.warn;

import io.mop.bpf.Machine.Capability;
import io.mop.control.Checks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** What capture needs of the kernel, of this process's privileges and of libbpf. */
@Component(service = Checks.class)
public final class CaptureChecks implements Checks {
  private static final String RECEIVER = "ebpf";
  /** As the ring of the receiver, if not configured otherwise. */
  private static final long RING = 16 << 20;
  private static final String GRANT =
      "run as root, or give it (systemd: AmbientCapabilities=, Kubernetes: securityContext.capabilities.add)";

  private final Machine machine;

  @Activate
  public CaptureChecks() {
    this(new Machine(Path.of("/")));
  }

  CaptureChecks(Machine machine) {
    this.machine = machine;
  }

  @Override
  public List<Check> run() {
    List<Check> checks = facts();
    checks.add(libbpf());
    checks.add(programs());
    return checks.stream().map(c -> c.neededBy(RECEIVER)).toList();
  }

  /** All that is read from files. */
  List<Check> facts() {
    List<Check> checks = new ArrayList<>();
    checks.add(kernel());
    checks.add(
        machine.exists("sys/kernel/btf/vmlinux")
            ? ok("kernel types (BTF)", "/sys/kernel/btf/vmlinux is there")
            : fail("kernel types (BTF)", "no /sys/kernel/btf/vmlinux: capture needs a kernel with CONFIG_DEBUG_INFO_BTF"));
    checks.add(tracefs());
    checks.add(pidNamespace());
    checks.add(lockdown());
    checks.add(unprivileged());
    checks.add(seccomp());
    checks.add(capability("capabilities: load programs", "CAP_BPF and CAP_PERFMON", "capture cannot start",
        machine.has(Capability.BPF, Capability.SYS_ADMIN) && machine.has(Capability.PERFMON, Capability.SYS_ADMIN)));
    boolean ptrace = machine.has(Capability.SYS_PTRACE);
    checks.add(capability("capabilities: select by exe", "CAP_SYS_PTRACE",
        "only processes of this user are found by their program", ptrace));
    checks.add(capability("capabilities: select by port", "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH",
        "only processes of this user are found by their port",
        ptrace && machine.has(Capability.DAC_READ_SEARCH, Capability.DAC_OVERRIDE)));
    checks.add(byCommandAndCgroup(ptrace));
    checks.add(optional("capabilities: select by container", "CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH",
        "containers are found by their id, not by their name",
        ptrace && machine.has(Capability.DAC_READ_SEARCH, Capability.DAC_OVERRIDE)));
    checks.add(uprobes());
    checks.add(memoryLock());
    checks.add(ringMemory());
    Optional<String> cgroup = machine.mountedAt("cgroup2");
    checks.add(
        cgroup.isPresent()
            ? ok("cgroup v2", "mounted at " + cgroup.get())
            : warn("cgroup v2", "not mounted: processes cannot be told apart by container"));
    return checks;
  }

  private Check kernel() {
    String release = machine.release();
    if (machine.atLeast(6, 3)) return ok("kernel", release);
    if (machine.atLeast(5, 12)) {
      return ok("kernel", release + ": without the socket tracepoints of Linux 6.3 capture uses hook sys_exit, which "
          + FrontEnd.SYS_EXIT.cost());
    }
    return fail("kernel", release + ": capture needs Linux 5.12 or later; without capture all else works");
  }

  private Check tracefs() {
    Optional<String> at = machine.mountedAt("tracefs");
    if (at.isPresent()) return ok("tracefs", "mounted at " + at.get());
    boolean known = machine.lines("proc/filesystems").stream().anyMatch(l -> l.endsWith("\ttracefs"));
    String may = !known ? "this kernel has none"
        : machine.has(Capability.SYS_ADMIN) ? "it may be mounted here: mount -t tracefs tracefs /sys/kernel/tracing"
        : "mounting it takes CAP_SYS_ADMIN";
    return ok("tracefs", "not mounted, and not needed: capture finds tracepoints by BTF; " + may);
  }

  private Check pidNamespace() {
    try {
      Kernel.checkPidNamespace(machine.root().resolve("proc/self/ns/pid"));
      return ok("PID namespace", "the machine's own");
    } catch (BpfException e) {
      return fail("PID namespace", e.getMessage());
    }
  }

  private Check lockdown() {
    Optional<String> modes = machine.text("sys/kernel/security/lockdown");
    if (modes.isEmpty()) return ok("lockdown", "the kernel shows none (/sys/kernel/security/lockdown)");
    if (modes.get().contains("[confidentiality]")) {
      return fail("lockdown", "confidentiality: the kernel lets no program read its memory, so capture cannot start;"
          + " boot with lockdown=integrity or none");
    }
    return ok("lockdown", modes.get().replaceAll(".*\\[(.*)\\].*", "$1"));
  }

  private Check unprivileged() {
    String name = "unprivileged_bpf_disabled";
    return switch (machine.text("proc/sys/kernel/unprivileged_bpf_disabled").orElse("")) {
      case "0" -> warn(name, "0: every user may load eBPF programs, which MOP does not need; consider"
          + " sysctl kernel.unprivileged_bpf_disabled=2");
      case "" -> ok(name, "the kernel does not say");
      default -> ok(name, "only with capabilities, as MOP does");
    };
  }

  private Check seccomp() {
    return switch (machine.status("Seccomp").orElse("0")) {
      case "0" -> ok("seccomp", "no filter");
      case "1" -> fail("seccomp", "strict mode: nothing but read and write is allowed");
      default -> machine.has(Capability.BPF, Capability.SYS_ADMIN)
          ? ok("seccomp", "a filter is in force; it must allow bpf and perf_event_open, see \"capture programs\"")
          : warn("seccomp", "a filter is in force; for capture it must allow bpf and perf_event_open");
    };
  }

  private static Check capability(String name, String needed, String without, boolean there) {
    return there
        ? ok(name, needed + " in effect")
        : fail(name, "not in effect: " + needed + "; without " + without + ": " + GRANT);
  }

  /** Arguments and control groups are every user's to read, unless /proc hides the processes of others. */
  private Check byCommandAndCgroup(boolean ptrace) {
    String name = "capabilities: select by command, cgroup";
    boolean hidden =
        machine.lines("proc/self/mounts").stream()
            .anyMatch(l -> l.matches("\\S+ \\S+ proc \\S*\\bhidepid=(?!0\\b|off\\b).*"));
    if (!hidden) return ok(name, "none needed: /proc hides no process");
    return capability(name, "CAP_SYS_PTRACE",
        "as /proc is mounted with hidepid, only processes of this user are found", ptrace);
  }

  /** By links of uprobe.multi: a uprobe of perf_event_open, which older kernels have, would take CAP_SYS_ADMIN. */
  private Check uprobes() {
    String name = "capabilities: probes in programs (TLS)";
    String without = "what programs encrypt with a TLS library cannot be read";
    if (!machine.atLeast(6, 6)) return warn(name, "need Linux 6.6 or later (uprobe.multi); without " + without);
    return optional(name, "CAP_BPF and CAP_PERFMON", without,
        machine.has(Capability.BPF, Capability.SYS_ADMIN) && machine.has(Capability.PERFMON, Capability.SYS_ADMIN));
  }

  private static Check optional(String name, String needed, String without, boolean there) {
    Check check = capability(name, needed, without, there);
    return there ? check : warn(name, check.meaning());
  }

  /** Since 5.11 memory of eBPF is charged to the cgroup, before to the limit of locked memory. */
  private Check memoryLock() {
    if (machine.atLeast(5, 11)) return ok("memory lock limit", "does not count for eBPF on this kernel");
    String limit =
        machine.lines("proc/self/limits").stream()
            .filter(l -> l.startsWith("Max locked memory"))
            .map(l -> l.substring("Max locked memory".length()).strip().split("\\s+")[0])
            .findFirst().orElse("unknown");
    boolean enough = limit.equals("unlimited") || limit.matches("\\d+") && Long.parseLong(limit) >= 4 * RING;
    if (enough || machine.has(Capability.SYS_RESOURCE)) return ok("memory lock limit", limit);
    return fail("memory lock limit", limit + " bytes; this kernel counts eBPF memory against it: ulimit -l unlimited, or"
        + " CAP_SYS_RESOURCE");
  }

  private Check ringMemory() {
    long available =
        machine.lines("proc/meminfo").stream()
            .filter(l -> l.startsWith("MemAvailable:"))
            .map(l -> Long.parseLong(l.replaceAll("\\D", "")) << 10)
            .findFirst().orElse(Long.MAX_VALUE);
    if (available == Long.MAX_VALUE) return ok("ring memory", "the kernel does not say what is free");
    String free = (available >> 20) + " MiB of memory free, the ring takes " + (RING >> 20) + " MiB by default";
    return available > 4 * RING ? ok("ring memory", free) : warn("ring memory", free + ": set receivers.ebpf.ring lower");
  }

  private static Check libbpf() {
    try {
      Libbpf.load();
      return ok("libbpf", Libbpf.libbpf_version_string());
    } catch (BpfException e) {
      return fail("libbpf", e.getMessage());
    }
  }

  /** Loads and attaches them with nothing selected, and takes them out at once. */
  private static Check programs() {
    String name = "capture programs";
    try {
      try (Probe probe = Probe.start((int) RING, EbpfPlugin.Hook.AUTO)) {
        FrontEnd used = probe.frontEnd();
        return ok(name, "loaded, attached and taken out; hook " + used.key() + ", which " + used.cost()
            + "; send start times are " + (probe.knowsSendStart() ? "exact" : "those of the end of the call"));
      }
    } catch (BpfException e) {
      return fail(name, e.getMessage());
    } catch (LinkageError e) {
      return fail(name, "native code cannot be loaded: " + e.getMessage());
    }
  }
}
