package io.mop.shell;

import io.mop.control.Control;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Stops the pipelines while the bundles stay, so that who launched MOP can read the books as they end: {@code mop
 * trace}.
 */
@Component(service = Callable.class, property = "mop.main=drain")
public final class DrainMain implements Callable<Integer> {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private final Control control;

  @Activate
  public DrainMain(@Reference Control control) {
    this.control = control;
  }

  @Override
  public Integer call() {
    control.stop(LIMIT);
    return 0;
  }
}
