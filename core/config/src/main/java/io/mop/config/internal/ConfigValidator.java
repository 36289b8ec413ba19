package io.mop.config.internal;

import io.mop.config.Configuration;
import io.mop.control.ConfigError;
import io.mop.control.PluginCatalog;
import io.mop.control.Topology;
import java.io.PrintStream;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code mop validate}: loads the file that the framework property {@code mop.config} names, starts nothing, and says
 * against which plugin versions it is valid. 0 = valid; 2 = no file is named; 3 = invalid.
 */
@Component(service = Callable.class, property = "mop.main=validate")
public final class ConfigValidator implements Callable<Integer> {
  private final ConfigFile file;
  private final PluginCatalog catalog;
  private final PrintStream out;
  private final PrintStream err;

  @Activate
  public ConfigValidator(BundleContext context, @Reference PluginCatalog catalog) {
    this(new ConfigFile(context, catalog, new Configuration()), catalog, System.out, System.err);
  }

  ConfigValidator(ConfigFile file, PluginCatalog catalog, PrintStream out, PrintStream err) {
    this.file = file;
    this.catalog = catalog;
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() {
    if (file.isMissing()) return file.complain("validate", err::println);
    try {
      Configuration.Result result = file.load();
      result.notes().forEach(err::println);
      Topology topology = result.topology();
      out.println(
          file.name() + " is valid: " + count(topology.components().size(), "component") + ", "
              + count(topology.pipelines().size(), "pipeline"));
      plugins(topology).forEach(out::println);
      return ConfigFile.OK;
    } catch (ConfigError e) {
      return ConfigFile.print(e, err::println);
    }
  }

  private Set<String> plugins(Topology topology) {
    Set<String> lines = new LinkedHashSet<>();
    for (Topology.Component component : topology.components())
      catalog
          .find(component.kind(), component.type())
          .ifPresent(
              p -> lines.add("  " + p.kind().name().toLowerCase(Locale.ROOT) + " " + p.name() + " " + p.version()));
    return lines;
  }

  private static String count(int n, String what) {
    return n + " " + what + (n == 1 ? "" : "s");
  }
}
