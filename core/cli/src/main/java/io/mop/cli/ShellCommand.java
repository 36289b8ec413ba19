package io.mop.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "shell",
    description = "Run one line in the OSGi shell (Gogo) of a running MOP.",
    footerHeading = "%nExamples:%n",
    footer = {"  mop shell help", "  mop shell lb", "  mop shell 'mop:log -l io.mop.engine debug'"})
final class ShellCommand implements Callable<Integer> {
  @Mixin private RunningMop running;
  @Mixin private HelpOption help;

  @Parameters(paramLabel = "LINE", description = "One argument: quote what has spaces.")
  private String line;

  @Override
  public Integer call() throws CommandException {
    if (line.indexOf('\n') >= 0) {
      throw new CommandException(ExitCode.USAGE, "Expected one line.");
    }
    return running.stream(line);
  }
}
