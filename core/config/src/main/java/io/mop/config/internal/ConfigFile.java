package io.mop.config.internal;

import io.mop.config.Configuration;
import io.mop.config.Sources;
import io.mop.control.ConfigError;
import io.mop.control.PluginCatalog;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.osgi.framework.BundleContext;

/** The file that the framework property {@code mop.config} names, and what commands that read it return. */
final class ConfigFile {
  static final int OK = 0;
  static final int USAGE = 2;
  static final int INVALID = 3;

  private final String name;
  private final PluginCatalog catalog;
  private final Configuration configuration;

  ConfigFile(BundleContext context, PluginCatalog catalog, Configuration configuration) {
    this(Optional.ofNullable(context.getProperty("mop.config")).orElse(""), catalog, configuration);
  }

  ConfigFile(String name, PluginCatalog catalog, Configuration configuration) {
    this.name = name.strip();
    this.catalog = catalog;
    this.configuration = configuration;
  }

  String name() {
    return name;
  }

  boolean isMissing() {
    return name.isEmpty();
  }

  int complain(String command, Consumer<String> problems) {
    problems.accept("mop " + command + " needs a configuration file; name it in the property mop.config");
    return USAGE;
  }

  Configuration.Result load() throws ConfigError {
    return load(new Sources());
  }

  /** @param seen is told which files were read */
  Configuration.Result load(Sources seen) throws ConfigError {
    Path path;
    try {
      path = Path.of(name);
    } catch (InvalidPathException e) {
      throw new ConfigError(List.of("mop.config: not a path; expected a configuration file"));
    }
    return configuration.load(path, catalog, seen);
  }

  static int print(ConfigError error, Consumer<String> problems) {
    error.problems().forEach(problems);
    return INVALID;
  }
}
