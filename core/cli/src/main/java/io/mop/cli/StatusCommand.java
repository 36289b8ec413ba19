package io.mop.cli;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "status",
    description = "Show the health of a running MOP's components and what became of every item.",
    footerHeading = "%nExamples:%n",
    footer = {"  mop status", "  mop status -o json | jq '.flows[] | select(.difference != 0)'"})
final class StatusCommand implements Callable<Integer> {
  private enum Output {
    TABLE,
    JSON
  }

  @ParentCommand private Mop mop;
  @Spec private CommandSpec spec;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "table|json",
      defaultValue = "table")
  private Output output;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "Of the MOP that is asked. Default: MOP_STATE, /var/lib/mop for root, else ~/.local/state/mop.")
  private Path state;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() throws CommandException {
    return ControlClient.run(
        mop.state(state), "mop:status -o " + output.name().toLowerCase(Locale.ROOT), spec.commandLine());
  }
}
