package io.mop.control;

/**
 * Configurations of plugins that mop.yaml does not mention, e.g. of protocols; a service of the configuration bundle.
 */
public interface Defaults {
  /** The record with every key at its default. @throws ConfigError if a key has none */
  <C extends Record> C of(Class<C> type) throws ConfigError;
}
