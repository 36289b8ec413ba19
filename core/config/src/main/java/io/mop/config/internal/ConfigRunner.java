package io.mop.config.internal;

import java.util.concurrent.Callable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code mop run}: loads the file that the framework property {@code mop.config} names and has the engine run it. 0 =
 * it runs; 2 = no file is named; 3 = invalid configuration, nothing was started.
 */
@Component(service = Callable.class, property = "mop.main=run")
public final class ConfigRunner implements Callable<Integer> {
  private final ConfigReloader reloader;

  @Activate
  public ConfigRunner(@Reference ConfigReloader reloader) {
    this.reloader = reloader;
  }

  @Override
  public Integer call() {
    return reloader.start();
  }
}
