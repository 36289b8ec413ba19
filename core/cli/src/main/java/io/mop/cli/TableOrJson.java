package io.mop.cli;

import java.util.Locale;
import picocli.CommandLine.Option;

/** The option of commands that print a table, or the same for programs. */
final class TableOrJson {
  private enum Output {
    TABLE,
    JSON
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "table|json",
      defaultValue = "table")
  private Output output;

  /** As it is typed. */
  @Override
  public String toString() {
    return output.name().toLowerCase(Locale.ROOT);
  }
}
