package io.mop.control;

import java.util.List;

/**
 * A configuration that does not bind; nothing was started or changed. One problem = one sentence with file, line and
 * key.
 */
public final class ConfigError extends Exception {
  private static final long serialVersionUID = 1;
  private final transient List<String> problems;

  public ConfigError(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /**
   * E.g. {@code mop.yaml:9: processors.attributes.actions[0].action: expected one of insert, update; nearest:
   * insert}.
   */
  public List<String> problems() {
    return problems;
  }
}
