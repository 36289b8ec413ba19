package io.mop.cli;

import io.mop.cli.demo.DemoCommand;
import io.mop.cli.trace.RecordCommand;
import io.mop.cli.trace.TraceCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The tool itself. A new sub-command is a class with {@code @Command} and one name more in {@code subcommands}. */
@Command(
    name = "mop",
    description = "Sees what applications do, shapes their telemetry and delivers it.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      TraceCommand.class,
      RecordCommand.class,
      RunCommand.class,
      ValidateCommand.class,
      SchemaCommand.class,
      DoctorCommand.class,
      StatusCommand.class,
      TapCommand.class,
      WhyCommand.class,
      ReloadCommand.class,
      PluginsCommand.class,
      InitCommand.class,
      NewCommand.class,
      LogLevelCommand.class,
      CompletionCommand.class,
      ShellCommand.class,
      VersionCommand.class,
      HelpCommand.class,
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mop init all-in-one > mop.yaml   a configuration to start from",
      "  mop validate mop.yaml            is it right?",
      "  mop doctor                       is this machine in order?",
      "  sudo mop trace --port 8080       requests of a running process, live",
      "  mop run --config mop.yaml        run until SIGTERM or Ctrl-C",
      "  mop reload                       use what mop.yaml says now",
      "  mop status                       health, and what became of every item",
      "  mop status -o json | jq .flows   the same for programs",
      "  mop tap receivers.otlp           what comes in, live and masked",
      "  mop why --port 8080              why are there no spans of it?",
      "  mop plugins                      what is installed, and what its calls cost",
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:success",
      "1:failure",
      "2:wrong usage",
      "3:invalid configuration",
      "4:not found",
      "5:MOP is not reachable",
      "6:denied",
      "130:interrupted",
    })
final class Mop implements Runnable {
  private static final Path SYSTEM_CONFIG = Path.of("/etc/mop/mop.yaml");
  private final Path home;
  private final Map<String, String> env;
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  /** @param env of the process, {@code MOP_*} among them */
  Mop(Path home, Map<String, String> env) {
    this.home = home;
    this.env = Map.copyOf(env);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "A command is missing.");
  }

  /** The distribution's directory. */
  Path home() {
    return home;
  }

  /**
   * The state directory: the option's, else {@code MOP_STATE}, else {@code /var/lib/mop} for root if it can be written,
   * else {@code ~/.local/state/mop}.
   */
  Path state(Path option) {
    if (option != null) {
      return absolute(option);
    }
    String variable = env.getOrDefault("MOP_STATE", "");
    if (!variable.isEmpty()) {
      return absolute(Path.of(variable));
    }
    Path system = Path.of("/var/lib/mop");
    boolean root = System.getProperty("user.name", "").equals("root");
    if (root && Files.isWritable(Files.exists(system) ? system : system.getParent())) {
      return system;
    }
    return absolute(Path.of(System.getProperty("user.home"), ".local", "state", "mop"));
  }

  /** Whether a configuration is named or stands where it is looked for. */
  boolean configured() {
    return !env.getOrDefault("MOP_CONFIG", "").isEmpty() || Files.exists(SYSTEM_CONFIG);
  }

  /**
   * The configuration: the option's, else {@code MOP_CONFIG}, else {@code /etc/mop/mop.yaml} if it is there, else the
   * feature's own.
   *
   * @throws CommandException if there is no such file
   */
  Path config(Path option, String feature) throws CommandException {
    Path system = SYSTEM_CONFIG;
    String variable = env.getOrDefault("MOP_CONFIG", "");
    Path config;
    if (option != null) {
      config = option;
    } else if (!variable.isEmpty()) {
      config = Path.of(variable);
    } else if (Files.exists(system)) {
      config = system;
    } else {
      config = home.resolve("features").resolve(feature + ".yaml");
      if (!Files.isRegularFile(config)) {
        throw new CommandException(
            ExitCode.NOT_FOUND, "There is no configuration: name one with --config FILE or MOP_CONFIG, e.g. from "
                + "\"mop init\".");
      }
    }
    if (!Files.isRegularFile(config)) {
      throw new CommandException(ExitCode.NOT_FOUND, "There is no file " + config + ".");
    }
    return absolute(config);
  }

  private static Path absolute(Path path) {
    return path.toAbsolutePath().normalize();
  }
}
