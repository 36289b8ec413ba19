package io.mop.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Spans against what the wire shows of the same exchanges, which came one after another. */
final class Durations {
  private static final long MILLI = 1_000_000;

  /** What differs first; empty if nothing does. */
  private final String different;
  private final double[] wire;
  private final double[] apart;

  /** Both in their order. */
  Durations(List<Exchange> spans, List<Exchange> wire) {
    different = different(spans, wire);
    int exchanges = Math.min(spans.size(), wire.size());
    this.wire = new double[exchanges];
    apart = new double[exchanges];
    for (int i = 0; i < exchanges; i++) {
      this.wire[i] = wire.get(i).nanos();
      apart[i] = Math.abs(spans.get(i).nanos() - wire.get(i).nanos());
    }
    Arrays.sort(this.wire);
    Arrays.sort(apart);
  }

  private static String different(List<Exchange> spans, List<Exchange> wire) {
    for (int i = 0; i < Math.max(spans.size(), wire.size()); i++) {
      String span = i < spans.size() ? spans.get(i).what() : "none";
      String seen = i < wire.size() ? wire.get(i).what() : "none";
      if (!span.equals(seen)) return "exchange " + i + ": span " + span + ", wire " + seen;
    }
    return "";
  }

  /** Whether each span tells what the wire shows at its place: else {@link #toString} names the first that does not. */
  boolean same() {
    return different.isEmpty();
  }

  /** Whether 99 of 100 agree: a busy machine may stop the server between a request's arrival and its reading. */
  boolean agree() {
    return apart.length > 0 && within() >= apart.length * 0.99;
  }

  /** Those whose two durations differ by 1 ms at most. */
  long within() {
    return Arrays.stream(apart).filter(nanos -> nanos <= MILLI).count();
  }

  private static double micros(double[] ascending, double p) {
    return Gaps.quantile(ascending, p) / 1000;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d of %d last as long as on the wire, to 1 ms; median difference %.0f µs of %.0f µs, greatest %.0f µs; the"
            + " longest takes %.0f µs%s",
        within(), apart.length, micros(apart, 0.5), micros(wire, 0.5), micros(apart, 1), micros(wire, 1),
        same() ? "" : "; " + different);
  }
}
