package io.mop.config.internal;

import io.mop.config.Configuration;
import io.mop.control.ConfigError;
import io.mop.control.Control;
import io.mop.control.PluginCatalog;
import java.lang.System.Logger.Level;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code mop run}: loads the file that the framework property {@code mop.config} names and has the engine run it. 0 =
 * it runs; 2 = no file is named; 3 = invalid configuration, nothing was started.
 */
@Component(service = Callable.class, property = "mop.main=run")
public final class ConfigRunner implements Callable<Integer> {
  private static final System.Logger LOG = System.getLogger("io.mop.config");

  private final ConfigFile file;
  private final Control control;
  private final Consumer<String> notes;
  private final Consumer<String> problems;

  @Activate
  public ConfigRunner(BundleContext context, @Reference Control control, @Reference PluginCatalog catalog) {
    this(new ConfigFile(context, catalog, new Configuration()), control, text -> LOG.log(Level.INFO, text), text -> LOG.log(Level.ERROR, text));
  }

  ConfigRunner(ConfigFile file, Control control, Consumer<String> notes, Consumer<String> problems) {
    this.file = file;
    this.control = control;
    this.notes = notes;
    this.problems = problems;
  }

  @Override
  public Integer call() {
    if (file.isMissing()) return file.complain("run", problems);
    try {
      Configuration.Result result = file.load();
      result.notes().forEach(notes);
      control.apply(result.topology());
      return ConfigFile.OK;
    } catch (ConfigError e) {
      return ConfigFile.print(e, problems);
    }
  }
}
