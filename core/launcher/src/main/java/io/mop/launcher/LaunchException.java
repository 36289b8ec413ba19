package io.mop.launcher;

/** MOP could not be started; the message is one sentence for the user. */
public final class LaunchException extends Exception {
  private static final long serialVersionUID = 1;
  private final int exitCode;

  /** @param exitCode of the process: 1 failure, 4 not found, 6 denied */
  public LaunchException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
