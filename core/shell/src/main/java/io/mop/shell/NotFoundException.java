package io.mop.shell;

/** What a command names is not there; the message is one sentence for the user. */
final class NotFoundException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NotFoundException(String message) {
    super(message);
  }
}
