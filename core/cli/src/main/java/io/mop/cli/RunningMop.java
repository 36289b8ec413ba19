package io.mop.cli;

import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Options of commands that ask a running MOP, and of their sub-commands. */
final class RunningMop {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      scope = ScopeType.INHERIT,
      description = "Of the MOP that is asked. Default: MOP_STATE, /var/lib/mop for root, else ~/.local/state/mop.")
  private Path state;

  /** As {@link ControlClient#run}. */
  int run(String line) throws CommandException {
    return ControlClient.run(directory(), line, spec.commandLine());
  }

  /** As {@link ControlClient#stream}. */
  int stream(String line) throws CommandException {
    return ControlClient.stream(directory(), line, spec.commandLine());
  }

  private Path directory() {
    return ((Mop) spec.root().userObject()).state(state);
  }
}
