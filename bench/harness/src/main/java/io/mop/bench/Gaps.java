package io.mop.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Time between consecutive requests at the sink, apart for those around swaps and the others. */
final class Gaps {
  /** Of {@link System#nanoTime}. */
  record Window(long from, long to) {}

  private final List<Window> windows = new ArrayList<>();

  void add(long from, long to) {
    windows.add(new Window(from, to));
  }

  /** Gaps that overlap a window, in ms, ascending. */
  double[] around(long[] arrivals) {
    return gaps(arrivals, true);
  }

  /** The others, in ms, ascending. */
  double[] apart(long[] arrivals) {
    return gaps(arrivals, false);
  }

  private double[] gaps(long[] arrivals, boolean inside) {
    double[] gaps = new double[Math.max(0, arrivals.length - 1)];
    int n = 0;
    for (int i = 1; i < arrivals.length; i++) {
      long from = arrivals[i - 1];
      long to = arrivals[i];
      if (windows.stream().anyMatch(w -> from < w.to && to > w.from) == inside) gaps[n++] = (to - from) / 1e6;
    }
    double[] found = Arrays.copyOf(gaps, n);
    Arrays.sort(found);
    return found;
  }

  /** The value below which the part {@code p} of the ascending values lies; 0 of none. */
  static double quantile(double[] ascending, double p) {
    if (ascending.length == 0) return 0;
    return ascending[Math.min(ascending.length - 1, (int) Math.ceil(p * ascending.length) - 1)];
  }
}
