package io.mop.config.internal;

import io.mop.config.ConfigSchema;
import io.mop.control.PluginCatalog;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code mop schema}: prints the JSON Schema of mop.yaml for the installed plugins; starts nothing. */
@Component(service = Callable.class, property = "mop.main=schema")
public final class SchemaPrinter implements Callable<Integer> {
  private final PluginCatalog catalog;
  private final PrintStream out;

  @Activate
  public SchemaPrinter(@Reference PluginCatalog catalog) {
    this(catalog, System.out);
  }

  SchemaPrinter(PluginCatalog catalog, PrintStream out) {
    this.catalog = catalog;
    this.out = out;
  }

  @Override
  public Integer call() {
    byte[] text = ConfigSchema.of(catalog).getBytes(StandardCharsets.UTF_8);
    out.write(text, 0, text.length);
    out.flush();
    return ConfigFile.OK;
  }
}
