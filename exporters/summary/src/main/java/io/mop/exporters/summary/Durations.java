package io.mop.exporters.summary;

/**
 * A log-linear histogram of nanoseconds: values below 16 have a bucket each, every power of two above is cut into 16
 * buckets of equal width. For {@code e = floor(log2 v)} the index of {@code v >= 16} is
 * {@code (e - 3) * 16 + (v >> (e - 4)) - 16}. A bucket of lower bound L is at most L/16 wide and is shown by its middle, so a quantile is off by at most
 * 1/32 = 3.2 %. Values from 2^42 ns (73 minutes) on share the last bucket. 4.8 KiB, nothing is allocated to record.
 */
final class Durations {
  private static final int SUB = 16;
  private static final int TOP = 41;
  private static final long LARGEST = (1L << TOP + 1) - 1;

  private final long[] counts = new long[index(LARGEST) + 1];
  private long total;

  /** Below 0 counts as 0: clocks of two machines may disagree. */
  void record(long nanos) {
    counts[index(Math.max(0, Math.min(nanos, LARGEST)))]++;
    total++;
  }

  long total() {
    return total;
  }

  /** The nearest-rank quantile, {@code 0 < q <= 1}, in nanoseconds; 0 if nothing was recorded. */
  long quantile(double q) {
    if (total == 0) return 0;
    long rank = Math.max(1, (long) Math.ceil(q * total));
    int i = 0;
    for (long seen = counts[0]; seen < rank; ) seen += counts[++i];
    return middle(i);
  }

  private static int index(long v) {
    if (v < SUB) return (int) v;
    int e = 63 - Long.numberOfLeadingZeros(v);
    return (e - 3) * SUB + (int) (v >>> e - 4) - SUB;
  }

  private static long middle(int index) {
    if (index < SUB) return index;
    int shift = index / SUB - 1;
    long lower = (long) (SUB + index % SUB) << shift;
    return lower + (1L << shift) / 2;
  }
}
