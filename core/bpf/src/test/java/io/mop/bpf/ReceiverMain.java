package io.mop.bpf;

import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Size;
import io.mop.testkit.TestContext;
import java.time.Duration;
import java.util.List;

/** Starts the receiver in a process of its own and says why it is unhealthy. */
final class ReceiverMain {
  private ReceiverMain() {}

  public static void main(String[] args) {
    TestContext context = new TestContext("receivers.ebpf");
    EbpfPlugin plugin = new EbpfPlugin((config, bits, c, intake) -> new TestReader(config.select(), bits));
    Size ring = new Size(Long.parseLong(args[0]));
    EbpfPlugin.Hook hook = EbpfPlugin.Hook.valueOf(args[1]);
    EbpfPlugin.Config config =
        new EbpfPlugin.Config(List.of(), ring, Duration.ofMillis(50), hook, EbpfPlugin.OwnSdk.KEEP, true);
    try (Receiver receiver = plugin.create(config, context)) {
      receiver.start(null);
      System.out.println(context.unhealthy().orElse("healthy"));
    }
  }
}
