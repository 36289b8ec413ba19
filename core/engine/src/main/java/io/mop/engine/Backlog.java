package io.mop.engine;

import io.mop.api.data.Signal;
import io.mop.control.Topology;
import io.mop.otlp.Structure;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Deliveries that wait: those to be tried again, and lines of new ones, one for each signal and tenant, which are sent
 * several as one and take turns. Times are of {@link System#nanoTime}. Not thread-safe.
 */
final class Backlog {
  private record Kind(Signal signal, String tenant) {}

  private static final class Line {
    final ArrayDeque<Delivery> waiting = new ArrayDeque<>();
    long bytes;

    /** When it is sent: nanoseconds from {@code now}, not above 0 = now. */
    long left(Topology.Batch batch, long now) {
      if (bytes >= batch.minSize().bytes()) return 0;
      return waiting.element().began - now + batch.flushTimeout().toNanos();
    }
  }

  /** In the order of their turns; none is empty. */
  private final Map<Kind, Line> lines = new LinkedHashMap<>();

  private final PriorityQueue<Delivery> again = new PriorityQueue<>((a, b) -> Long.signum(a.due - b.due));

  boolean isEmpty() {
    return lines.isEmpty() && again.isEmpty();
  }

  /** A new delivery, behind those of its kind. */
  void add(Delivery d) {
    Line line = line(d);
    line.waiting.addLast(d);
    line.bytes += d.batch.bytes();
  }

  /** One that was tried and is due at {@link Delivery#due}. */
  void addTried(Delivery d) {
    again.add(d);
  }

  /** What {@link #take} gave and could not be sent as one, in its order. */
  void putBack(List<Delivery> deliveries) {
    for (int i = deliveries.size() - 1; i >= 0; i--) {
      Line line = line(deliveries.get(i));
      line.waiting.addFirst(deliveries.get(i));
      line.bytes += deliveries.get(i).batch.bytes();
    }
  }

  private Line line(Delivery d) {
    return lines.computeIfAbsent(new Kind(d.batch.signal, d.batch.tenant), k -> new Line());
  }

  /**
   * What is to be sent now, as one; empty = nothing yet.
   *
   * @param atOnce wait for nothing
   */
  List<Delivery> take(Topology.Batch batch, boolean atOnce, long now) {
    if (!again.isEmpty() && again.element().due - now <= 0) return List.of(again.remove());
    for (Iterator<Map.Entry<Kind, Line>> i = lines.entrySet().iterator(); i.hasNext(); ) {
      Map.Entry<Kind, Line> entry = i.next();
      Line line = entry.getValue();
      if (!atOnce && line.left(batch, now) > 0) continue;
      i.remove();
      List<Delivery> taken = first(line, batch.maxSize().bytes());
      if (!line.waiting.isEmpty()) lines.put(entry.getKey(), line);
      return taken;
    }
    return List.of();
  }

  private static List<Delivery> first(Line line, long most) {
    List<Delivery> taken = new ArrayList<>();
    long bytes = 0;
    long items = 0;
    for (Delivery d = line.waiting.peek(); d != null; d = line.waiting.peek()) {
      bytes += d.batch.bytes();
      items += d.batch.items;
      if (!taken.isEmpty() && (bytes > most || items > Structure.ROWS)) break;
      taken.add(line.waiting.remove());
      line.bytes -= d.batch.bytes();
    }
    return taken;
  }

  /** Nanoseconds until {@link #take} may give something if nothing is added, above 0; the longest time = never. */
  long left(Topology.Batch batch, long now) {
    long left = again.isEmpty() ? Long.MAX_VALUE : again.element().due - now;
    for (Line line : lines.values()) left = Math.min(left, line.left(batch, now));
    return Math.max(1, left);
  }

  /** All of it; nothing waits afterwards. */
  List<Delivery> clear() {
    List<Delivery> all = new ArrayList<>(again);
    lines.values().forEach(line -> all.addAll(line.waiting));
    again.clear();
    lines.clear();
    return all;
  }
}
