package io.mop.control;

import io.mop.api.plugin.Provides.Kind;
import java.util.List;
import java.util.Optional;

/** The installed plugins; a service of the engine. */
public interface PluginCatalog {
  /** The plugin of that kind and name with the highest bundle version that is not in quarantine. */
  Optional<PluginType> find(Kind kind, String name);

  /** How the reason of a quarantine goes on, after a component's path, when a call of the plugin was at fault. */
  String TRIPPED = " tripped: ";

  /**
   * What {@link #find} gives or else, of the versions that a call was at fault for, the highest: another configuration
   * may cure it.
   */
  default Optional<PluginType> curable(Kind kind, String name) {
    return find(kind, name)
        .or(
            () ->
                installed().stream()
                    .filter(i -> i.type().kind() == kind && i.type().name().equals(name))
                    .filter(i -> i.quarantine().filter(why -> why.contains(TRIPPED)).isPresent())
                    .map(Installed::type)
                    .reduce((a, b) -> b));
  }

  /** The best version of every plugin, by kind and name. */
  List<PluginType> all();

  /** Every installed version of every plugin, also those in quarantine, by kind, name and version. */
  List<Installed> installed();

  /**
   * {@link #find} no longer gives this version, until its bundle is started anew; {@code reason} is shown in status.
   */
  void quarantine(PluginType type, String reason);

  /** Ends a quarantine, at an operator's wish. */
  void release(PluginType type);

  /** Closing ends it. */
  interface Listening extends AutoCloseable {
    @Override
    void close();
  }

  /** Something uses a plugin outside of the pipelines, as a capture does a protocol. */
  interface Use extends AutoCloseable {
    /** Counts failures of the plugin. */
    void failed(long times);

    /** It is no longer used. */
    @Override
    void close();
  }

  /** Says that {@code type} is in use until the handle is closed: it is shown as active. */
  default Use use(PluginType type) {
    return new Use() {
      @Override
      public void failed(long times) {}

      @Override
      public void close() {}
    };
  }

  /** @param uses that are not closed; @param failures of all so far */
  record Used(int uses, long failures) {}

  /** How a version is used outside of the pipelines. */
  default Used used(PluginType type) {
    return new Used(0, 0);
  }

  /** @param quarantine why it is not used; empty = it may be */
  record Installed(PluginType type, Optional<String> quarantine) {}

  /** Calls {@code changed} after every change, on the thread that made it, until the handle is closed. */
  Listening onChange(Runnable changed);
}
