package io.mop.engine;

import java.util.concurrent.atomic.LongAdder;

/** What calls of one plugin version have cost; outlives the parts. */
final class Usage {
  final LongAdder calls = new LongAdder();
  /** Nanoseconds of CPU, extrapolated from every 8th call. */
  final LongAdder cpu = new LongAdder();
  /** Bytes allocated on the heap during calls. */
  final LongAdder allocated = new LongAdder();
  final LongAdder errors = new LongAdder();
}
