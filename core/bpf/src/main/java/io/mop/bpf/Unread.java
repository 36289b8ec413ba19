package io.mop.bpf;

import io.mop.capture.LiveConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Warns when more than 1 % of the bytes that selected processes exchanged in the last minute were given to no decoder,
 * and 64 KiB or more. The sentence names steps of the share, not the share, so that it changes seldom. For one thread,
 * but for {@link #seen}.
 */
final class Unread {
  static final Duration WINDOW = Duration.ofMinutes(1);
  static final long LEAST = 64 << 10;
  private static final int[] STEPS = {50, 20, 10, 5, 2, 1};
  /** Kinds below this part of what is unread are not named. */
  private static final int NAMED_PART = 10;

  private record Reading(long nanos, long bytes, Map<String, Long> unread) {}

  private final ArrayDeque<Reading> minute = new ArrayDeque<>();
  private volatile Map<String, String> where = Map.of();

  /**
   * @param bytes of all data, since capture began
   * @param unread those without a decoder, by kind
   * @return a sentence; empty while enough is read
   */
  Optional<String> look(long nanos, long bytes, Map<String, Long> unread) {
    while (minute.size() > 1 && nanos - minute.getFirst().nanos > WINDOW.toNanos()) minute.removeFirst();
    if (minute.isEmpty()) minute.add(new Reading(nanos, 0, Map.of()));
    Reading first = minute.getFirst();
    minute.add(new Reading(nanos, bytes, Map.copyOf(unread)));
    Map<String, Long> more = new TreeMap<>();
    unread.forEach((kind, n) -> more.put(kind, n - first.unread.getOrDefault(kind, 0L)));
    long sum = more.values().stream().mapToLong(n -> n).sum();
    long all = bytes - first.bytes;
    if (sum < LEAST) return Optional.empty();
    for (int step : STEPS) if (sum * 100 > all * step) return Optional.of(sentence(step, sum, more));
    return Optional.empty();
  }

  private String sentence(int step, long sum, Map<String, Long> more) {
    String kinds =
        more.entrySet().stream()
            .filter(e -> e.getValue() * NAMED_PART >= sum)
            .map(e -> e.getKey() + Optional.ofNullable(where.get(e.getKey())).map(w -> " " + w).orElse(""))
            .collect(Collectors.joining(", "));
    return "more than " + step + " % of the bytes captured in the last minute are not read: " + kinds
        + "; \"mop why --port N\" says why";
  }

  /** Takes the endpoint of the server with the most bytes of each kind, to be named in the next sentence. */
  void seen(List<LiveConnection> connections) {
    Map<String, Map<String, Long>> bytes = new HashMap<>();
    for (LiveConnection c : connections) {
      String end = c.role().equals("server") ? c.local() : c.remote();
      if (!c.protocol().isEmpty() || end.isEmpty()) continue;
      bytes.computeIfAbsent(c.kind(), k -> new HashMap<>()).merge(end, c.bytesReceived() + c.bytesSent(), Long::sum);
    }
    Map<String, String> most = new HashMap<>();
    bytes.forEach((kind, ends) -> most.put(kind, most(ends)));
    where = Map.copyOf(most);
  }

  private static String most(Map<String, Long> ends) {
    Comparator<Map.Entry<String, Long>> order = Map.Entry.comparingByValue();
    return ends.entrySet().stream().max(order.thenComparing(Map.Entry.comparingByKey())).orElseThrow().getKey();
  }
}
