package io.mop.control;

import io.mop.api.plugin.Provides.Kind;
import java.util.List;
import java.util.Optional;

/** The installed plugins; a service of the engine. */
public interface PluginCatalog {
  /** The plugin of that kind and name with the highest bundle version that is not in quarantine. */
  Optional<PluginType> find(Kind kind, String name);

  /** The best version of every plugin, by kind and name. */
  List<PluginType> all();

  /** Calls {@code changed} on the control thread after every change, until the handle is closed. */
  AutoCloseable onChange(Runnable changed);
}
