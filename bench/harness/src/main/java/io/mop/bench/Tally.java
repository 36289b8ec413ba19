package io.mop.bench;

import java.util.Arrays;

/** What has arrived at a sink: the spans, the sum of their ids, and when each request was complete. */
class Tally {
  private long[] arrivals = new long[1024];
  private int requests;
  private long spans;
  private long sum;
  private long xor;
  private String problem = "";

  synchronized long spans() {
    return spans;
  }

  /** Of the 8 bytes of each span id as a big-endian number. */
  synchronized long sum() {
    return sum;
  }

  synchronized long xor() {
    return xor;
  }

  synchronized long requests() {
    return requests;
  }

  /** {@link System#nanoTime} at which each request was read to its end, ascending. */
  synchronized long[] arrivals() {
    return Arrays.copyOf(arrivals, requests);
  }

  /** The first request that could not be read; empty if all were. */
  synchronized String problem() {
    return problem;
  }

  /** False if {@code body} is no OTLP traces request: it is not counted, and the first such is the {@link #problem}. */
  final boolean take(byte[] body) {
    long now = System.nanoTime();
    try {
      count(new SpanScan(body), now);
      return true;
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      bad("a request of " + body.length + " bytes is no OTLP: " + e.getMessage());
      return false;
    }
  }

  private synchronized void count(SpanScan scan, long now) {
    if (requests == arrivals.length) arrivals = Arrays.copyOf(arrivals, 2 * requests);
    // Two connections may come here in the other order than they read the clock.
    arrivals[requests] = requests == 0 ? now : Math.max(now, arrivals[requests - 1]);
    requests++;
    spans += scan.spans();
    sum += scan.sum();
    xor ^= scan.xor();
  }

  private synchronized void bad(String what) {
    if (problem.isEmpty()) problem = what;
  }
}
