package io.mop.cli.trace;

import io.mop.cli.CommandException;
import io.mop.cli.ExitCode;
import io.mop.cli.HelpOption;
import io.mop.cli.Privilege;
import io.mop.cli.TimeConverter;
import io.mop.launcher.Launch;
import io.mop.launcher.LaunchException;
import io.mop.launcher.Launcher;
import io.mop.launcher.Logs;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A command that watches processes, or one it starts, by a MOP of its own. */
abstract class WatchCommand implements Callable<Integer> {
  /** Who a process is can be told while it lives, and a command may live for milliseconds. */
  private static final String SHORT_LIVED = "1ms";

  @Spec private CommandSpec spec;
  @Mixin private HelpOption help;

  @Option(names = "--pid", paramLabel = "P", description = "A process and its children. May be repeated.")
  private List<Integer> pids = new ArrayList<>();

  @Option(names = "--port", paramLabel = "N", description = "What listens on this TCP port. May be repeated.")
  private List<Integer> ports = new ArrayList<>();

  @Option(
      names = "--exe",
      paramLabel = "GLOB",
      description = "Processes whose program's path matches, e.g. '*/nginx'. May be repeated.")
  private List<String> exes = new ArrayList<>();

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description = "End after this time, e.g. 30s or 5m.")
  private Duration duration;

  @Parameters(
      paramLabel = "CMD",
      arity = "0..*",
      description = "After --: is started when it is watched; what it starts is seen too.")
  private List<String> command = new ArrayList<>();

  /** What is done with what is watched, e.g. {@code traced}. */
  abstract String verb();

  /** The same as a sentence begins with it. */
  abstract String gerund();

  /** Looks at the options of its own, before anything is done. */
  abstract void check() throws CommandException;

  /**
   * The configuration.
   *
   * @param selection value of {@code select} of the receiver ebpf
   * @param interval value of its {@code drain_interval}
   */
  abstract String config(String selection, String interval);

  /** Watches, with what is to be shown in place. */
  abstract int watch(Watching watching) throws LaunchException, IOException, InterruptedException;

  /** All but where to show. */
  interface Watching {
    int with(Shown shown) throws LaunchException, IOException, InterruptedException;
  }

  final ParameterException usage(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }

  @Override
  public Integer call() throws CommandException, LaunchException, IOException, InterruptedException {
    Selection selection = new Selection(pids, ports, exes, OptionalLong.empty());
    if (selection.empty() && command.isEmpty()) {
      throw usage("What is to be " + verb() + "? Expected --pid, --port, --exe or, after --, a command.");
    }
    check();
    selection.check();
    if (!Privilege.canLoadBpf()) {
      throw new CommandException(
          ExitCode.DENIED,
          gerund() + " loads eBPF programs, for which this process lacks CAP_BPF and CAP_PERFMON: run it as"
              + " root, \"sudo mop " + spec.name() + " ...\""
              + (command.isEmpty() ? "." : "; CMD runs as you all the same."));
    }
    if (!(ports.isEmpty() && exes.isEmpty()) && !Privilege.canFindProcesses()) {
      System.err.println("mop: By --port and --exe only processes of this user are found: CAP_SYS_PTRACE and"
          + " CAP_DAC_READ_SEARCH are not in effect.");
    }
    Path directory = Files.createTempDirectory("mop-trace-");
    try {
      return trace(directory);
    } finally {
      for (String file : List.of("gate", "mop.yaml", "")) Files.deleteIfExists(directory.resolve(file));
    }
  }

  private int trace(Path directory) throws CommandException, LaunchException, IOException, InterruptedException {
    if (command.isEmpty()) return trace(directory, Optional.empty());
    Invoker invoker = Invoker.of(System.getenv(), Privilege.isRoot());
    try (HeldCommand held = HeldCommand.start(command, invoker, directory)) {
      return trace(directory, Optional.of(held));
    }
  }

  private int trace(Path directory, Optional<HeldCommand> held)
      throws LaunchException, IOException, InterruptedException {
    OptionalLong pid = held.map(h -> OptionalLong.of(h.pid())).orElse(OptionalLong.empty());
    Selection selection = new Selection(pids, ports, exes, pid);
    String yaml = config(selection.rules(), held.isPresent() ? SHORT_LIVED : "50ms");
    Path config = Files.writeString(directory.resolve("mop.yaml"), yaml);
    return watch(shown -> {
      Trace trace = new Trace(selection, held, Optional.ofNullable(duration), shown, verb(), System.err);
      Logs logs = Logs.beside(Logs.Format.TEXT, Level.WARNING);
      try {
        return Launcher.launch(launch(config), trace.stop(), trace);
      } finally {
        logs.close();
      }
    });
  }

  /** A MOP of its own, with what is installed, in a state directory that lives as long as it does. */
  private static Launch launch(Path config) {
    Map<String, String> env = System.getenv();
    String trust = env.getOrDefault("MOP_TRUST", "warn");
    Map<String, String> properties =
        Map.of("mop.telemetry", "off", "mop.watch", "false", "mop.plugins.trust", trust);
    Path home = Path.of(System.getProperty("mop.home"));
    String feature = env.getOrDefault("MOP_FEATURE", "all-in-one");
    return new Launch("run", home, feature, config, Optional.empty(), properties, true);
  }
}
