package io.mop.control;

import io.mop.api.plugin.InvalidConfig;

/** The configuration of one component as written; bound anew when another version of its plugin takes over. */
public interface Binding {
  /**
   * A record of {@code type} from the component's keys.
   *
   * @throws ConfigError if a key is unknown, missing or of a wrong type
   */
  <C extends Record> C bind(Class<C> type) throws ConfigError;

  /** The same problem with file, line and the whole key. */
  ConfigError locate(InvalidConfig problem);

  /** Equal texts mean equal configurations: what a reload compares. Never printed: it holds secrets. */
  String fingerprint();
}
