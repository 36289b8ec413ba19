package io.mop.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.mop.api.pipeline.Receiver;
import io.mop.control.Why;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestIntake;
import java.io.Writer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;

/** A daemon that a selected process starts and leaves, between two looks. */
@OnBothHooks
class AdoptionTest {
  /** On each line of its input, a process in the background of one that ends at once. */
  private static final String SHELL =
      "while read line; do (sleep 1000 </dev/null >/dev/null 2>&1 & echo $!); done";

  @Parameter EbpfPlugin.Hook hook;

  @Test
  void theKernelHasSelectedItAndTheNextLookKnowsIt() throws Exception {
    Process shell = new ProcessBuilder("sh", "-c", SHELL).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    TestContext context = new TestContext("receivers.ebpf");
    EbpfPlugin plugin =
        new EbpfPlugin((config, bits, c, intake) ->
            new CaptureReader(
                config, bits, c, intake, new CaptureReaderTest.NoPlugins(), new CaptureReaderTest.NoDefaults()));
    long daemon = 0;
    try (Receiver receiver =
        plugin.create(TestConfig.of(hook, EbpfPluginTest.rule(null, (int) shell.pid(), null)), context)) {
      receiver.start(new TestIntake());
      Writer in = shell.outputWriter();
      in.write("go\n");
      in.flush();
      daemon = Long.parseLong(shell.inputReader().readLine());
      long pid = daemon;
      TestReader.await("its parent is not the shell", () -> ProcessHandle.of(pid).orElseThrow().parent()
          .map(p -> p.pid() != shell.pid() && shell.children().noneMatch(c -> c.pid() == p.pid())).orElse(true));
      assertThat(why(plugin, pid).selected()).isTrue();
      assertThat(why(plugin, pid).reason()).isEqualTo("the kernel selected it as a selected process forked it");
      context.tick();
      assertThat(why(plugin, pid).reason()).isEqualTo("child of a selected process that has ended");
      assertThat(why(plugin, shell.pid()).reason()).isEqualTo("pid " + shell.pid());
      context.tick();
      assertThat(why(plugin, pid).selected()).isTrue();
    } finally {
      if (daemon != 0) ProcessHandle.of(daemon).ifPresent(ProcessHandle::destroyForcibly);
      shell.destroyForcibly().onExit().join();
    }
    assertThat(plugin.process(1)).as("no receiver any more").isEmpty();
  }

  private static Why.Process why(EbpfPlugin plugin, long pid) {
    return plugin.process((int) pid).get(0).processes().get(0);
  }
}
