package io.mop.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "init",
    description = "Print a configuration to start from: a file of examples/.",
    footerHeading = "%nExamples:%n",
    footer = {"  mop init                          which there are", "  mop init all-in-one > mop.yaml"})
final class InitCommand implements Callable<Integer> {
  private static final String SUFFIX = ".yaml";

  @ParentCommand private Mop mop;
  @Spec private CommandSpec spec;
  @Mixin private HelpOption help;

  @Parameters(paramLabel = "KIND", arity = "0..1", description = "Absent: list them.")
  private String kind;

  @Override
  public Integer call() throws CommandException, IOException {
    List<String> kinds = kinds();
    if (kind == null) {
      kinds.forEach(spec.commandLine().getOut()::println);
      return ExitCode.OK;
    }
    // Compared with the list, so that no path can be asked for.
    if (!kinds.contains(kind)) {
      throw new CommandException(
          ExitCode.NOT_FOUND,
          "There is no example \"" + kind + "\""
              + (kinds.isEmpty() ? "." : "; there are: " + String.join(", ", kinds) + "."));
    }
    spec.commandLine().getOut().print(Files.readString(examples().resolve(kind + SUFFIX)));
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }

  private Path examples() {
    return mop.home().resolve("examples");
  }

  private List<String> kinds() throws IOException {
    if (!Files.isDirectory(examples())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(examples())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .sorted()
          .toList();
    }
  }
}
