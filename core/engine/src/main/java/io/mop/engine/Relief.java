package io.mop.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * When the pressure on receivers is looked at: soon after memory or a queue became fuller than {@link Pressure#HIGH},
 * and then every 50 ms until it need not be any more. Without pressure it costs nothing.
 */
final class Relief {
  /** What is over by then was no pressure. */
  private static final Duration SOON = Duration.ofMillis(25);
  private static final Duration AGAIN = Duration.ofMillis(50);

  private final ControlThread control;
  private final BooleanSupplier look;
  private final AtomicBoolean looking = new AtomicBoolean();

  /** @param look looks once, on the control thread; whether that is to be done again */
  Relief(ControlThread control, BooleanSupplier look) {
    this.control = control;
    this.look = look;
  }

  /** Something is too full, or may be, as it is bounded otherwise now. On any thread. */
  void pressed() {
    if (!looking.get() && looking.compareAndSet(false, true)) control.after(SOON, this::look);
  }

  private void look() {
    boolean again = true;
    try {
      again = look.getAsBoolean();
      if (again) return;
      looking.set(false);
      // what was pressed until then was taken for seen
      again = look.getAsBoolean() && looking.compareAndSet(false, true);
    } finally {
      if (again) control.after(AGAIN, this::look);
    }
  }
}
