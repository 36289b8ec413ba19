package io.mop.plugins.filter;

/** A condition that cannot be read: what was expected where, as {@code expected …} goes on. */
final class SyntaxError extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** @param at from 0 */
  SyntaxError(String expected, int at, String got) {
    super(expected + " at character " + (at + 1) + ", got " + got);
  }
}
