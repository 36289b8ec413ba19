package io.mop.capture;

import io.mop.api.data.Text;
import java.util.ArrayDeque;

/** Open exchanges of all connections, oldest first; bounds their memory and uses it again. */
final class AllPending {
  private static final int POOL = 256;
  private final long limit;
  private final ArrayDeque<SpanData> pool = new ArrayDeque<>();
  private long weight;
  private int size;
  private Pending eldest;
  private Pending newest;

  AllPending(long limit) {
    this.limit = limit;
  }

  int size() {
    return size;
  }

  Pending begin(InFlight table, long id, long start, Call call, Text name) {
    SpanData data = pool.isEmpty() ? new SpanData() : pool.pollLast();
    data.reset(name);
    Pending p = new Pending(table, id, start, call, data);
    p.older = newest;
    if (newest == null) eldest = p;
    else newest.newer = p;
    newest = p;
    size++;
    weigh(p);
    return p;
  }

  /** Counts what the decoder has set since; evicts while there is too much. */
  void weigh(Pending p) {
    if (p.data == null) return;
    weight += p.data.weight() - p.weight;
    p.weight = p.data.weight();
    while (weight > limit && eldest != p) eldest.table.evict(eldest);
  }

  /** The exchange has ended: takes its data away, if nobody did. */
  void end(Pending p) {
    if (p.older == null) eldest = p.newer;
    else p.older.newer = p.newer;
    if (p.newer == null) newest = p.older;
    else p.newer.older = p.older;
    p.older = null;
    p.newer = null;
    size--;
    weight -= p.weight;
    if (p.data != null) give(p.take());
  }

  /** To be used again. */
  void give(SpanData data) {
    if (pool.size() < POOL) pool.addLast(data);
  }
}
