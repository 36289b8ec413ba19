package io.mop.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What this process may do. */
public final class Privilege {
  // linux/capability.h
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
    for (String line : status) {
      if (!line.startsWith("CapEff:")) continue;
      long set = Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16);
      return has(set, CAP_SYS_ADMIN) || has(set, CAP_BPF) && has(set, CAP_PERFMON);
    }
    return false;
  }

  private static boolean has(long set, int capability) {
    return (set >>> capability & 1) != 0;
  }
}
