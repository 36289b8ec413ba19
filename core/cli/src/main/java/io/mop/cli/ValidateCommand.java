package io.mop.cli;

import io.mop.launcher.Launch;
import io.mop.launcher.LaunchException;
import io.mop.launcher.Launcher;
import io.mop.launcher.Logs;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "validate",
    description = "Check a configuration against the installed plugins; nothing is run. Exit code 3: it is invalid.",
    footerHeading = "%nExamples:%n",
    footer = "  mop validate mop.yaml")
final class ValidateCommand implements Callable<Integer> {
  @ParentCommand private Mop mop;
  @Mixin private HelpOption help;

  @Parameters(paramLabel = "FILE")
  private Path config;

  @Option(
      names = "--feature",
      paramLabel = "NAME",
      defaultValue = "${env:MOP_FEATURE:-all-in-one}",
      description = "Whose plugins to check against. Default: MOP_FEATURE, else all-in-one.")
  private String feature;

  @Override
  public Integer call() throws CommandException, LaunchException, InterruptedException {
    Launch launch = Launch.validate(mop.home(), feature, mop.config(config, feature));
    Logs logs = Logs.beside(Logs.Format.TEXT, Level.WARNING);
    try {
      return Launcher.launch(launch);
    } finally {
      logs.close();
    }
  }
}
