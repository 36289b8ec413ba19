package io.mop.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "shell",
    description = "Run one line in the OSGi shell (Gogo) of a running MOP.",
    footerHeading = "%nExamples:%n",
    footer = {"  mop shell help", "  mop shell lb", "  mop shell 'mop:log -l io.mop.engine debug'"})
final class ShellCommand implements Callable<Integer> {
  @ParentCommand private Mop mop;
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "LINE", description = "One argument: quote what has spaces.")
  private String line;

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
    if (line.indexOf('\n') >= 0) {
      throw new CommandException(ExitCode.USAGE, "Expected one line.");
    }
    return ControlClient.stream(mop.state(state), line, spec.commandLine());
  }
}
