package io.mop.assemble;

import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Started by the checkout's {@code ./mop assemble} and {@code ./mop render}: the first argument is the built MOP. */
@Command(
    name = "./mop",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {AssembleCommand.class, RenderCommand.class},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:success", "1:failure", "2:wrong usage", "4:not found"})
public final class Main implements Runnable {
  private final Path home;
  private final Map<String, String> env;
  @Spec private CommandSpec spec;

  Main(Path home, Map<String, String> env) {
    this.home = home;
    this.env = Map.copyOf(env);
  }

  /** @param args the built MOP's directory, then the command's */
  public static void main(String[] args) {
    if (args.length == 0) {
      System.err.println("mop: The directory of the built MOP is missing; use ./mop assemble and ./mop render.");
      System.exit(AssembleException.USAGE);
    }
    String[] rest = java.util.Arrays.copyOfRange(args, 1, args.length);
    System.exit(commandLine(new Main(Path.of(args[0]), System.getenv())).execute(rest));
  }

  static CommandLine commandLine(Main main) {
    CommandLine line = new CommandLine(main);
    line.setExecutionExceptionHandler(
        (problem, failed, parsed) -> {
          String message = problem.getMessage() == null ? problem.toString() : problem.getMessage();
          failed.getErr().println("mop: " + (problem instanceof AssembleException ? message : problem.toString()));
          failed.getErr().flush();
          return problem instanceof AssembleException known ? known.exitCode() : AssembleException.FAILURE;
        });
    return line;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "A command is missing.");
  }

  Home home() throws AssembleException {
    return Home.at(home);
  }

  Map<String, String> env() {
    return env;
  }

  /** Beside the built MOP, so {@code distribution/target/NAME} in a checkout. */
  Path beside(String name) {
    return home.toAbsolutePath().normalize().resolveSibling(name);
  }
}
