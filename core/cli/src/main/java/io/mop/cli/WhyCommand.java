package io.mop.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "why",
    description = {
      "Say why a running MOP has, or has not, telemetry of a process, or of who serves and uses a port.",
      "Whether it is selected and by which rule, else what each rule finds instead; what it encrypts with; its "
          + "connections, what they were recognised as, what was lost; all counters that are not 0.",
      "Exit code 0: at least one connection is read. 1: not selected, or nothing is read. 4: there is no such process, "
          + "or nothing at the port, or no receiver ebpf.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mop why --pid 4711",
      "  mop why --port 8080",
      "  mop why --port 8080 -o json | jq '.receivers[].processes[].connections'",
    })
final class WhyCommand implements Callable<Integer> {
  private enum Output {
    TEXT,
    JSON
  }

  private static final class Subject {
    @Option(names = "--pid", paramLabel = "P", description = "A process, by its number on the machine.")
    private Integer pid;

    @Option(names = "--port", paramLabel = "N", description = "A TCP port, in any network of the machine.")
    private Integer port;
  }

  @Mixin private RunningMop running;
  @Mixin private HelpOption help;

  @ArgGroup(multiplicity = "1")
  private Subject subject;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "text|json",
      defaultValue = "text")
  private Output output;

  @Override
  public Integer call() throws CommandException {
    String asked = subject.pid != null ? "--pid " + subject.pid : "--port " + subject.port;
    // Also what is printed before a code other than 0 is data.
    return running.stream("mop:why " + asked + " -o " + output.name().toLowerCase(Locale.ROOT));
  }
}
