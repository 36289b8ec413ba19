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
  @Mixin private Setting setting;
  @Mixin private TableOrJson output;
  @Mixin private HelpOption help;

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      defaultValue = "${env:MOP_PLUGINS}",
      description = "Default: MOP_PLUGINS, else plugins/ of MOP.")
  private Path plugins;

  @Override
  public Integer call() throws CommandException, LaunchException, InterruptedException {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("mop.doctor.state", mop.state(setting.state).toString());
    properties.put("mop.doctor.output", output.toString());
    if (plugins != null) properties.put("mop.plugins", plugins.toAbsolutePath().toString());
    Path own = mop.home().resolve("features").resolve(setting.feature + ".yaml");
    // Without any configuration the rest can be looked at all the same.
    boolean none = setting.config == null && !Files.exists(own) && !mop.configured();
    Path file = none ? own : mop.config(setting.config, setting.feature);
    Logs logs = Logs.beside(Logs.Format.TEXT, Level.ERROR);
    try {
      return Launcher.launch(Launch.doctor(mop.home(), setting.feature, file, properties));
    } finally {
      logs.close();
    }
  }
}
