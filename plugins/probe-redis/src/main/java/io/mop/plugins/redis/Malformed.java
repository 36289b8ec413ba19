package io.mop.plugins.redis;

/** Bytes that are no RESP, or no longer: the reader has lost its way. */
final class Malformed extends Exception {
  private static final long serialVersionUID = 1;

  /** The one instance; it has no stack trace. */
  static final Malformed MALFORMED = new Malformed();

  private Malformed() {
    super("malformed", null, false, false);
  }
}
