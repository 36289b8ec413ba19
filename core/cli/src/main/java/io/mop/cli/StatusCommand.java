package io.mop.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "status",
    description = "Show the health of a running MOP's components and what became of every item.",
    footerHeading = "%nExamples:%n",
    footer = {"  mop status", "  mop status -o json | jq '.flows[] | select(.difference != 0)'"})
final class StatusCommand implements Callable<Integer> {
  @Mixin private RunningMop running;
  @Mixin private TableOrJson output;
  @Mixin private HelpOption help;

  @Override
  public Integer call() throws CommandException {
    return running.run("mop:status -o " + output);
  }
}
