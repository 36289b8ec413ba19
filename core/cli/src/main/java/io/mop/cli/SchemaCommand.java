package io.mop.cli;

import io.mop.launcher.Launch;
import io.mop.launcher.LaunchException;
import io.mop.launcher.Launcher;
import io.mop.launcher.Logs;
import java.lang.System.Logger.Level;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "schema",
    description = "Print a JSON Schema of mop.yaml for editors, with the keys of the plugins; nothing is run.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  mop schema > mop.schema.json",
      "  # first line of mop.yaml, for editors with a YAML language server:",
      "  # yaml-language-server: $schema=mop.schema.json",
    })
final class SchemaCommand implements Callable<Integer> {
  @ParentCommand private Mop mop;
  @Mixin private HelpOption help;

  @Option(
      names = "--feature",
      paramLabel = "NAME",
      defaultValue = "${env:MOP_FEATURE:-all-in-one}",
      description = "Whose plugins to describe. Default: MOP_FEATURE, else all-in-one.")
  private String feature;

  @Override
  public Integer call() throws LaunchException, InterruptedException {
    Logs logs = Logs.beside(Logs.Format.TEXT, Level.WARNING);
    try {
      return Launcher.launch(Launch.schema(mop.home(), feature));
    } finally {
      logs.close();
    }
  }
}
