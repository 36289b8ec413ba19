package io.mop.cli;

import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "log-level",
    description = "Show or change what a running MOP logs, until it stops.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  mop log-level                         what is logged",
      "  mop log-level debug                   all loggers",
      "  mop log-level io.mop.engine trace     one, and those below it",
      "  mop log-level io.mop.engine inherit   as the one above again",
    })
final class LogLevelCommand implements Callable<Integer> {
  private static final Set<String> LEVELS = Set.of("error", "warning", "info", "debug", "trace");

  @Mixin private RunningMop running;
  @Mixin private HelpOption help;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "LOGGER|LEVEL",
      description = "E.g. io.mop.engine. Without a LEVEL after it it is shown; a level alone is that of all loggers.")
  private String first;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "LEVEL",
      description = "error, warning, info, debug or trace; inherit takes back what was set.")
  private String level;

  @Override
  public Integer call() throws CommandException {
    String line;
    if (first == null) line = "mop:log";
    else if (level != null) line = GogoLine.of("mop:log -l", first, level);
    else if (LEVELS.contains(first.toLowerCase(Locale.ROOT))) line = GogoLine.of("mop:log", first);
    else line = GogoLine.of("mop:log -l", first);
    return running.run(line);
  }
}
