package io.mop.api.plugin;

/** State that this version cannot read; the message names the format it got and the formats it reads. */
public final class InvalidState extends Exception {
  private static final long serialVersionUID = 1;

  public InvalidState(String message) {
    super(message);
  }
}
