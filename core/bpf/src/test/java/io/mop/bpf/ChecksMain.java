package io.mop.bpf;

/** Prints the checks of this process, one a line: name, result, meaning. */
final class ChecksMain {
  private ChecksMain() {}

  public static void main(String[] args) {
    new CaptureChecks().run().forEach(c -> System.out.println(c.name() + " | " + c.result() + " | " + c.meaning()));
  }
}
