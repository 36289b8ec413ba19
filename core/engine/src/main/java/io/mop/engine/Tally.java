package io.mop.engine;

import java.util.concurrent.atomic.LongAdder;

/**
 * A counter and what it counts.
 *
 * @param unit in UCUM
 */
record Tally(LongAdder sum, String unit, String description) {
  static Tally of(String unit, String description) {
    return new Tally(new LongAdder(), unit, description);
  }
}
