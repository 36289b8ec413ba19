package io.mop.shell;

import io.mop.control.Control;
import io.mop.control.Status;
import io.mop.control.Topology;
import java.time.Duration;

/** An engine that does nothing but what a test lets it do. */
class IdleControl implements Control {
  @Override
  public void apply(Topology topology) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void settle() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void discardState(String path) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Status status() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void stop(Duration limit) {
    throw new UnsupportedOperationException();
  }
}
