package io.mop.bpf;

import io.mop.testkit.TestContext;
import java.util.Set;

/** Looks for the TLS library of one process, from a process of its own, and says what it found. */
final class TlsMain {
  private TlsMain() {}

  public static void main(String[] args) throws BpfException {
    int pid = Integer.parseInt(args[0]);
    try (Probe probe = Probe.start(1 << 20, EbpfPlugin.Hook.AUTO);
        TlsProbes tls = TlsProbes.start(probe, new TestContext("receivers.ebpf"))) {
      probe.selection().set(pid);
      tls.look(Set.of(pid));
      System.out.println(tls.of(pid).orElse("nothing"));
    }
  }
}
