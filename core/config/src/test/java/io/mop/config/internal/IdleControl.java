package io.mop.config.internal;

import io.mop.control.ConfigError;
import io.mop.control.Control;
import io.mop.control.Status;
import io.mop.control.Topology;
import java.time.Duration;

/** An engine that does nothing but what a test lets it do. */
class IdleControl implements Control {
  @Override
  public void apply(Topology topology) throws ConfigError {
    throw new AssertionError();
  }

  @Override
  public void settle() {
    throw new AssertionError();
  }

  @Override
  public void discardState(String path) {
    throw new AssertionError();
  }

  @Override
  public Status status() {
    throw new AssertionError();
  }

  @Override
  public void stop(Duration limit) {
    throw new AssertionError();
  }
}
