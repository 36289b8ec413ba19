package io.mop.assemble;

/** Nothing could be made; the message is one sentence for the user. */
final class AssembleException extends Exception {
  private static final long serialVersionUID = 1;
  static final int FAILURE = 1;
  static final int USAGE = 2;
  static final int NOT_FOUND = 4;
  private final int exitCode;

  AssembleException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  int exitCode() {
    return exitCode;
  }
}
