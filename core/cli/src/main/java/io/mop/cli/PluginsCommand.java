package io.mop.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "plugins",
    description = {
      "Show the plugins of a running MOP, what their calls cost, and the files of its plugins directory; replace, take "
          + "back or remove one while data flows.",
      "NAME is a file of the plugins directory, a bundle's symbolic name, or a plugin such as attributes or "
          + "processors.attributes.",
    },
    synopsisSubcommandLabel = "[COMMAND]",
    footerHeading = "%nExamples:%n",
    footer = {
      "  mop plugins",
      "  mop plugins -o json | jq '.plugins[] | select(.errors > 0)'",
      "  mop plugins replace acme-1.1.0.jar",
      "  mop plugins rollback processors.acme",
      "  mop plugins why acme-1.1.0.jar",
    })
final class PluginsCommand implements Callable<Integer> {
  private static final String COMMAND = "mop:plugins";

  @Mixin private RunningMop running;
  @Mixin private TableOrJson output;
  @Mixin private HelpOption help;

  @Override
  public Integer call() throws CommandException {
    return ask("-o", output.toString());
  }

  @Command(
      description = "Put a JAR into the plugins directory, over a file of that name, and wait until MOP uses it. If it "
          + "is refused, what ran before runs on and the exit code is 1.")
  int replace(
      @Parameters(paramLabel = "JAR") Path jar,
      @Option(
              names = "--discard-state",
              description = "Components that use this plugin start without the state of the version before.")
          boolean discardState)
      throws CommandException {
    String path = jar.toAbsolutePath().toString();
    return discardState ? ask("replace", "--discard-state", path) : ask("replace", path);
  }

  @Command(
      description = "Go back to the version before: for 60 s after a swap it is still installed, later another file "
          + "must have it.")
  int rollback(@Parameters(paramLabel = "NAME") String name) throws CommandException {
    return ask("rollback", name);
  }

  @Command(description = "Delete a file of the plugins directory, or all files of a plugin, and uninstall it.")
  int remove(@Parameters(paramLabel = "NAME") String name) throws CommandException {
    return ask("remove", name);
  }

  @Command(description = "Say what would become of a JAR, or why a plugin is used or not. Changes nothing.")
  int why(@Parameters(paramLabel = "JAR|NAME", description = "A JAR if there is such a file.") String jarOrName)
      throws CommandException {
    Path path = Path.of(jarOrName);
    boolean jar = jarOrName.indexOf('/') >= 0 || Files.isRegularFile(path);
    return ask("why", jar ? path.toAbsolutePath().toString() : jarOrName);
  }

  private int ask(String... words) throws CommandException {
    return running.run(GogoLine.of(COMMAND, words));
  }
}
