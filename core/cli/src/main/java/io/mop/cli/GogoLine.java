package io.mop.cli;

import java.util.Arrays;
import java.util.stream.Collectors;

/** A line for the control socket, which Gogo reads. */
final class GogoLine {
  private GogoLine() {}

  /**
   * The command with its arguments as they are: Gogo takes what is between single quotation marks literally.
   *
   * @throws CommandException if an argument has a line break, as a request is one line
   */
  static String of(String command, String... arguments) throws CommandException {
    for (String argument : arguments) {
      if (argument.indexOf('\n') >= 0) {
        throw new CommandException(ExitCode.USAGE, "Expected a name without a line break.");
      }
    }
    return command
        + Arrays.stream(arguments).map(a -> " '" + a.replace("'", "'\\''") + "'").collect(Collectors.joining());
  }
}
