package io.mop.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the running kernel offers. */
final class Kernel {
  /** BPF_TRACE_RAW_TP of linux/bpf.h. */
  private static final int RAW_TRACEPOINT = 23;
  /** BPF_TRACE_FENTRY of linux/bpf.h: names stand for functions. */
  private static final int FUNCTION = 24;
  private static final Path BTF = Path.of("/sys/kernel/btf/vmlinux");
  private static final Path PID_NAMESPACE = Path.of("/proc/self/ns/pid");
  /** PROC_PID_INIT_INO of linux/proc_ns.h. */
  private static final String INITIAL_PID_NAMESPACE = "pid:[4026531836]";

  private Kernel() {}

  /** @throws BpfException if capture cannot work here, whatever the privileges */
  static void check() throws BpfException {
    if (!Files.exists(BTF)) {
      throw new BpfException("this kernel has no type information (" + BTF + "): CONFIG_DEBUG_INFO_BTF is needed");
    }
    checkPidNamespace(PID_NAMESPACE);
    Libbpf.load();
  }

  /** Process ids are those of the initial namespace: elsewhere the same number names an unrelated process. */
  static void checkPidNamespace(Path link) throws BpfException {
    String namespace;
    try {
      namespace = Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      throw new BpfException("cannot tell the pid namespace: " + e);
    }
    if (!namespace.equals(INITIAL_PID_NAMESPACE)) {
      throw new BpfException(
          "this process runs in a pid namespace of its own: the host's is needed (hostPID: true, or --pid=host)");
    }
  }

  static boolean hasTracepoint(String name) {
    return Libbpf.libbpf_find_vmlinux_btf_id(name, RAW_TRACEPOINT) > 0;
  }

  static boolean hasFunction(String name) {
    return Libbpf.libbpf_find_vmlinux_btf_id(name, FUNCTION) > 0;
  }
}
