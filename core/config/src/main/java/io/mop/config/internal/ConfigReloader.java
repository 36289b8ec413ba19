package io.mop.config.internal;

import io.mop.config.Configuration;
import io.mop.config.Sources;
import io.mop.control.ConfigError;
import io.mop.control.Control;
import io.mop.control.PluginCatalog;
import io.mop.control.Reloader;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The running configuration and its file: started by {@code mop run}, changed when the file changes (unless the
 * framework property {@code mop.watch} is {@code false}), by {@code mop reload}, and by SIGHUP, which calls the service
 * {@code Callable} with {@code mop.main=reload}: 0 = it runs, 3 = rejected, what ran before runs on.
 */
@Component(
    immediate = true, // it is what remembers
    service = {Reloader.class, ConfigReloader.class, Callable.class},
    property = "mop.main=reload")
public final class ConfigReloader implements Reloader, Callable<Integer> {
  private static final System.Logger LOG = System.getLogger("io.mop.config");

  private final ConfigFile file;
  private final Control control;
  private final Consumer<String> notes;
  private final Consumer<String> problems;
  private final Optional<ConfigWatch> watch;
  private volatile Optional<Applied> applied = Optional.empty();
  private volatile Sources seen = new Sources();

  @Activate
  public ConfigReloader(BundleContext context, @Reference Control control, @Reference PluginCatalog catalog) {
    this(
        new ConfigFile(context, catalog, new Configuration()),
        control,
        text -> LOG.log(Level.INFO, text),
        text -> LOG.log(Level.ERROR, text),
        !"false".equals(context.getProperty("mop.watch")));
  }

  ConfigReloader(
      ConfigFile file, Control control, Consumer<String> notes, Consumer<String> problems, boolean watched) {
    this.file = file;
    this.control = control;
    this.notes = notes;
    this.problems = problems;
    this.watch = watched ? Optional.of(new ConfigWatch(() -> seen, () -> call())) : Optional.empty();
  }

  /** {@code mop run}: 0 = it runs; 2 = no file is named; 3 = invalid, nothing was started. */
  int start() {
    if (file.isMissing()) return file.complain("run", problems);
    try {
      change(false).notes().forEach(notes);
    } catch (ConfigError e) {
      return ConfigFile.print(e, problems);
    }
    watch.ifPresent(ConfigWatch::start);
    return ConfigFile.OK;
  }

  @Override
  public Reload reload(boolean discardState) throws ConfigError {
    if (applied.isEmpty()) throw new IllegalStateException("MOP runs no configuration yet");
    return change(discardState);
  }

  @Override
  public Integer call() {
    try {
      Reload reload = reload(false);
      reload.notes().forEach(notes);
      notes.accept(file.name() + " was read again" + (reload.changes().none() ? ": nothing has changed" : " and runs"));
      return ConfigFile.OK;
    } catch (ConfigError e) {
      ConfigFile.print(e, problems);
      problems.accept(file.name() + " is rejected: the configuration before runs on");
      return ConfigFile.INVALID;
    }
  }

  private synchronized Reload change(boolean discardState) throws ConfigError {
    boolean runs = applied.isPresent();
    Sources reading = new Sources();
    try {
      Configuration.Result result = file.load(reading);
      Reload reload = new Reload(control.apply(result.topology(), discardState), result.notes());
      String hash = reading.hash();
      long since = applied.filter(a -> a.hash().equals(hash)).map(Applied::since).orElseGet(System::currentTimeMillis);
      applied = Optional.of(new Applied(file.name(), hash, since, Optional.empty()));
      if (runs) control.count("service", "config_reloads");
      return reload;
    } catch (ConfigError e) {
      Rejected rejected = new Rejected(System.currentTimeMillis(), e.problems());
      applied = applied.map(a -> new Applied(a.file(), a.hash(), a.since(), Optional.of(rejected)));
      if (runs) control.count("service", "config_reloads_rejected");
      throw e;
    } finally {
      seen = reading;
    }
  }

  @Override
  public Optional<Applied> applied() {
    return applied;
  }

  @Deactivate
  void close() {
    watch.ifPresent(ConfigWatch::stop);
  }
}
