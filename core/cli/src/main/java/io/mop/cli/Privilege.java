package io.mop.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What this process may do. */
public final class Privilege {
  // linux/capability.h
  private static final int CAP_DAC_OVERRIDE = 1;
  private static final int CAP_DAC_READ_SEARCH = 2;
  private static final int CAP_SYS_PTRACE = 19;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;

  private Privilege() {}

  /** True if this process is root's. */
  public static boolean isRoot() {
    try {
      return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    } catch (IOException e) {
      return false; // no Linux
    }
  }

  /** True if tracing programs may be loaded: CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN, which includes both. */
  public static boolean canLoadBpf() {
    try {
      return canLoadBpf(Files.readAllLines(Path.of("/proc/self/status")));
    } catch (IOException e) {
      return false; // no Linux
    }
  }

  public static boolean canLoadBpf(List<String> status) {
    long set = effective(status);
    return has(set, CAP_SYS_ADMIN) || has(set, CAP_BPF) && has(set, CAP_PERFMON);
  }

  /** True if the sockets and programs of other users' processes may be looked at. */
  public static boolean canFindProcesses() {
    try {
      long set = effective(Files.readAllLines(Path.of("/proc/self/status")));
      return has(set, CAP_SYS_PTRACE) && (has(set, CAP_DAC_READ_SEARCH) || has(set, CAP_DAC_OVERRIDE));
    } catch (IOException e) {
      return false; // no Linux
    }
  }

  private static long effective(List<String> status) {
    for (String line : status) {
      if (line.startsWith("CapEff:")) return Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16);
    }
    return 0;
  }

  private static boolean has(long set, int capability) {
    return (set >>> capability & 1) != 0;
  }
}
