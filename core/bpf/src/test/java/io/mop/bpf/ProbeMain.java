package io.mop.bpf;

/** Starts the probe in a process of its own and says how that went. */
final class ProbeMain {
  private ProbeMain() {}

  public static void main(String[] args) {
    try (Probe probe = Probe.start(1 << 20, EbpfPlugin.Hook.valueOf(args[0]))) {
      System.out.println("started " + probe.counters().get(Counter.SEEN));
    } catch (BpfException e) {
      System.out.println(e.getMessage());
    }
  }
}
