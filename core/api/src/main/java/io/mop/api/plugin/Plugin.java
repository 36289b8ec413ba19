package io.mop.api.plugin;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * The one service a bundle registers: a factory of parts. The engine decides how many parts live, replaces them and
 * closes them; a plugin keeps nothing static and never sees another plugin.
 *
 * @param <C> configuration: its components are the keys, see {@link Key}
 */
@ConsumerType
public interface Plugin<C extends Record> {
  /** The configuration type; its canonical constructor may throw {@link InvalidConfig}. */
  Class<C> config();

  /**
   * Makes one part. Runs on a control thread and may take its time: the predecessor works on meanwhile.
   *
   * @throws InvalidConfig for what a type cannot say; anything else thrown is a fault of the plugin
   */
  Part create(C config, Context context);
}
