package io.mop.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Times of spans against those that the client and nginx's log have of the same exchanges. */
final class Clocks {
  private static final long MILLI = 1_000_000;

  private final int exchanges;
  private int logged;
  private int enclosed;
  private long worst;

  /**
   * @param client when each was sent and answered, by its path
   * @param spans start and end, by path
   * @param log nginx's lines, which end with the seconds, to the millisecond, at which it answered
   */
  Clocks(Map<String, long[]> client, Map<String, long[]> spans, List<String> log) {
    Map<String, Long> ends = new HashMap<>();
    for (String line : log) {
      String[] words = line.split(" ");
      ends.put(words[1], Long.parseLong(words[3].replace(".", "")) * MILLI);
    }
    exchanges = client.size();
    client.forEach((path, sent) -> compare(sent, spans.get(path), ends.get(path)));
  }

  private void compare(long[] client, long[] span, Long log) {
    if (span == null || log == null) return;
    // Any time within the millisecond that the log tells is right.
    long apart = Math.max(0, Math.max(log - span[1], span[1] - (log + MILLI)));
    worst = Math.max(worst, apart);
    if (apart <= MILLI) logged++;
    if (span[0] >= client[0] - MILLI && span[1] <= client[1] + MILLI && span[0] <= span[1]) enclosed++;
  }

  /** Whether 99 of 100 agree: what a busy machine stops between the answer and the log is no error of the clock. */
  boolean agree() {
    return exchanges > 0 && logged >= exchanges * 0.99 && enclosed >= exchanges * 0.99;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "of %d spans %d end within 1 ms of the log's time (worst %.1f ms), %d lie within the client's times",
        exchanges, logged, worst / 1e6, enclosed);
  }
}
