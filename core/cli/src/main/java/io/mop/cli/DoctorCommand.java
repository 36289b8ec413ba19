package io.mop.cli;

import io.mop.launcher.Launch;
import io.mop.launcher.LaunchException;
import io.mop.launcher.Launcher;
import io.mop.launcher.Logs;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "doctor",
    description = {
      "Look whether this machine, this user and the configuration are in order.",
      "Java, kernel, capabilities, libbpf, a load test of the capture programs, ports, directories: each row says what "
          + "it means and what to do.",
      "Needs no running MOP. Exit code 1: a check failed. Run it as the user that runs MOP.",
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  mop doctor",
      "  sudo mop doctor --config /etc/mop/mop.yaml",
      "  mop doctor -o json | jq '.checks[] | select(.result != \"ok\")'",
    })
final class DoctorCommand implements Callable<Integer> {
  @ParentCommand private Mop mop;
  @Mixin private TableOrJson output;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "Default: MOP_CONFIG, /etc/mop/mop.yaml if it is there, else the feature's own.")
  private Path config;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "Default: MOP_STATE, /var/lib/mop for root, else ~/.local/state/mop.")
  private Path state;

  @Option(
      names = "--feature",
      paramLabel = "NAME",
      defaultValue = "${env:MOP_FEATURE:-all-in-one}",
      description = "What MOP consists of: a file in features/. Default: MOP_FEATURE, else all-in-one.")
  private String feature;

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      defaultValue = "${env:MOP_PLUGINS}",
      description = "Default: MOP_PLUGINS, else plugins/ of MOP.")
  private Path plugins;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() throws CommandException, LaunchException, InterruptedException {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("mop.doctor.state", mop.state(state).toString());
    properties.put("mop.doctor.output", output.toString());
    if (plugins != null) properties.put("mop.plugins", plugins.toAbsolutePath().toString());
    Path own = mop.home().resolve("features").resolve(feature + ".yaml");
    // Without any configuration the rest can be looked at all the same.
    Path file = config == null && !Files.exists(own) && !mop.configured() ? own : mop.config(config, feature);
    Logs logs = Logs.beside(Logs.Format.TEXT, Level.ERROR);
    try {
      return Launcher.launch(Launch.doctor(mop.home(), feature, file, properties));
    } finally {
      logs.close();
    }
  }
}
