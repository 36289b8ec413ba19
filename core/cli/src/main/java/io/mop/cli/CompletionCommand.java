package io.mop.cli;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    description = "Print a script that completes commands and options in a shell.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  source <(mop completion bash)",
      "  mop completion zsh > ~/.mop-completion   then \"source\" it in ~/.zshrc",
      "  mop completion fish > ~/.config/fish/completions/mop.fish",
    })
final class CompletionCommand implements Callable<Integer> {
  private enum ShellName {
    BASH,
    ZSH,
    FISH
  }

  @Spec private CommandSpec spec;
  @Mixin private HelpOption help;

  @Parameters(paramLabel = "bash|zsh|fish")
  private ShellName shell;

  @Override
  public Integer call() {
    CommandLine root = spec.root().commandLine();
    String script =
        switch (shell) {
          // The bash script turns on bashcompinit itself where it finds that it is zsh.
          case BASH, ZSH -> AutoComplete.bash("mop", root);
          case FISH -> fish(root);
        };
    spec.commandLine().getOut().print(script);
    spec.commandLine().getOut().flush();
    return ExitCode.OK;
  }

  /** Commands, their sub-commands and options; files after an option that takes a value. */
  private static String fish(CommandLine root) {
    StringBuilder b = new StringBuilder("# fish completion of mop\ncomplete -c mop -f\n");
    for (Map.Entry<String, CommandLine> e : root.getSubcommands().entrySet()) {
      CommandSpec command = e.getValue().getCommandSpec();
      b.append("complete -c mop -n __fish_use_subcommand -a ").append(e.getKey());
      b.append(description(command)).append('\n');
      String seen = "complete -c mop -n '__fish_seen_subcommand_from " + e.getKey() + "'";
      for (Map.Entry<String, CommandLine> sub : e.getValue().getSubcommands().entrySet()) {
        b.append(seen).append(" -a ").append(sub.getKey());
        b.append(description(sub.getValue().getCommandSpec())).append('\n');
      }
      for (OptionSpec option : command.options()) option(seen, option, b);
      if (!command.positionalParameters().isEmpty()) b.append(seen).append(" -F\n");
    }
    return b.toString();
  }

  private static void option(String seen, OptionSpec option, StringBuilder b) {
    b.append(seen);
    for (String name : option.names()) {
      b.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    if (option.arity().max() > 0) {
      String[] choices = option.paramLabel().split("\\|");
      boolean closed = choices.length > 1;
      b.append(closed ? " -x -a '" + String.join(" ", choices).toLowerCase(Locale.ROOT) + "'" : " -r");
    }
    if (option.description().length > 0) b.append(" -d ").append(quoted(option.description()[0]));
    b.append('\n');
  }

  private static String description(CommandSpec command) {
    String[] text = command.usageMessage().description();
    return text.length == 0 ? "" : " -d " + quoted(text[0]);
  }

  private static String quoted(String text) {
    String first = text.replaceAll("%n", " ").replaceAll("(?<=[a-z]{2}[.:;]) .*", "");
    return "'" + first.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
