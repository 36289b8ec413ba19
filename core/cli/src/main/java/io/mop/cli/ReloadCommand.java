package io.mop.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "reload",
    description = {
      "Have a running MOP read its configuration file again, and show what was added, replaced, removed and kept.",
      "If the file is invalid, or something cannot start, the exit code is 3 and what ran before runs on.",
    },
    footerHeading = "%nExamples:%n",
    footer = {"  mop reload", "  mop validate /etc/mop/mop.yaml && mop reload"})
final class ReloadCommand implements Callable<Integer> {
  @Mixin private RunningMop running;
  @Mixin private HelpOption help;

  @Option(
      names = "--discard-state",
      description = "Processors whose configuration changed start without the state they had.")
  private boolean discardState;

  @Override
  public Integer call() throws CommandException {
    String line = discardState ? "mop:reload --discard-state" : "mop:reload";
    return running.run(line);
  }
}
