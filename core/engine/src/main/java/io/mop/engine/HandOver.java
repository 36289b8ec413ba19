package io.mop.engine;

import io.mop.api.plugin.InvalidState;
import io.mop.api.plugin.Part;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** Moves state from one version of a part to the next as versioned bytes. */
final class HandOver {
  /** CPU time that save and restore of one part may take, each. */
  static final Duration LIMIT = Duration.ofMillis(50);

  private HandOver() {}

  /** What {@code part} saves. */
  static StateBytes save(Part part) throws Failed {
    StateBytes state = new StateBytes();
    long began = cpu();
    try {
      part.save(state);
    } catch (RuntimeException | LinkageError e) {
      throw new Failed("save failed: " + e);
    }
    check(began, "save");
    return state;
  }

  static void restore(Part part, StateBytes state) throws Failed {
    long began = cpu();
    try {
      part.restore(state.reader());
    } catch (InvalidState e) {
      throw new Failed("cannot read the state: " + e.getMessage());
    } catch (RuntimeException | LinkageError e) {
      throw new Failed("restore failed: " + e);
    }
    check(began, "restore");
  }

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void check(long began, String what) throws Failed {
    long took = cpu() - began;
    if (took > LIMIT.toNanos()) {
      throw new Failed(what + " took " + took / 1_000_000 + " ms of CPU, at most " + LIMIT.toMillis() + " are allowed");
    }
  }

  /** The predecessor stays. */
  static final class Failed extends Exception {
    private static final long serialVersionUID = 1;

    Failed(String why) {
      super(why, null, false, false);
    }
  }

  /** How an attempt to change over ended. */
  record Result(boolean done, boolean busy, String why) {
    static final Result DONE = new Result(true, false, "");
    /** A lane did not reach a batch boundary in time: nothing was changed, try again. */
    static final Result BUSY = new Result(false, true, "a lane is busy");

    static Result failed(String why) {
      return new Result(false, false, why);
    }
  }
}
