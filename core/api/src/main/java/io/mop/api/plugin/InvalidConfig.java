package io.mop.api.plugin;

/** A value that its type allows and the plugin does not; the engine adds file, line and component. */
public final class InvalidConfig extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final String key;

  /**
   * @param key as in mop.yaml, relative to the component, e.g. {@code protocols.grpc.endpoint}
   * @param expected what was expected, e.g. {@code a duration of 0 or more}
   */
  public InvalidConfig(String key, String expected) {
    super(expected);
    this.key = key;
  }

  public String key() {
    return key;
  }
}
