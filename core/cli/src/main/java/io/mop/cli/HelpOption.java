package io.mop.cli;

import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The option of every command, and of its sub-commands. */
public final class HelpOption {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;
}
