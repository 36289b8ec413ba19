package io.mop.cli;

import io.mop.launcher.LaunchException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;

/** Started by {@code bin/mop}, which sets the system property {@code mop.home} to the distribution's directory. */
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    String home = System.getProperty("mop.home");
    if (home == null) {
      System.err.println("mop: The system property mop.home is not set; start MOP by its script bin/mop.");
      System.exit(ExitCode.FAILURE);
    }
    System.exit(commandLine(new Mop(Path.of(home), System.getenv())).execute(args));
  }

  /** Data goes to its out, messages to its err. */
  static CommandLine commandLine(Mop mop) {
    CommandLine line = new CommandLine(mop);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(
        (problem, failed, parsed) -> {
          failed.getErr().println("mop: " + (problem.getMessage() == null ? problem.toString() : problem.getMessage()));
          failed.getErr().flush();
          return exitCode(problem);
        });
    return line;
  }

  private static int exitCode(Exception problem) {
    if (problem instanceof CommandException command) {
      return command.exitCode();
    }
    if (problem instanceof LaunchException launch) {
      return launch.exitCode();
    }
    return problem instanceof InterruptedException ? ExitCode.INTERRUPTED : ExitCode.FAILURE;
  }
}
