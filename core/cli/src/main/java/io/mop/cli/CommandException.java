package io.mop.cli;

/** A sub-command failed; the message is one sentence for the user. */
public final class CommandException extends Exception {
  private static final long serialVersionUID = 1;
  private final int exitCode;

  /** @param exitCode one of {@link ExitCode} */
  public CommandException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
