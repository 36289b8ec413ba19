package io.mop.capture;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Connections by socket cookie, the one touched longest ago first. Open addressing: no boxing, no entry objects. */
final class ConnectionTable {
  /** Of those that ended, how many are known still: short ones are seldom open when somebody asks. */
  static final int MOST_ENDED = 256;

  private final int limit;
  private final ArrayDeque<Connection> ended = new ArrayDeque<>();
  private Connection[] slots = new Connection[64];
  private int size;
  private Connection eldest;
  private Connection newest;

  ConnectionTable(int limit) {
    this.limit = limit;
  }

  int size() {
    return size;
  }

  boolean full() {
    return size >= limit;
  }

  Connection eldest() {
    return eldest;
  }

  private int slot(long id) {
    long h = id * 0x9e3779b97f4a7c15L;
    return (int) (h >>> 32) & slots.length - 1;
  }

  /** The connection, moved to the young end; null if unknown. */
  Connection get(long id) {
    for (int i = slot(id); slots[i] != null; i = i + 1 & slots.length - 1) {
      Connection c = slots[i];
      if (c.id != id) continue;
      if (c != newest) {
        unlink(c);
        link(c);
      }
      return c;
    }
    return null;
  }

  /** Adds one that is not there yet. */
  void add(Connection c) {
    if (size * 2 >= slots.length) {
      Connection[] old = slots;
      slots = new Connection[old.length * 2];
      for (Connection o : old) if (o != null) put(o);
    }
    put(c);
    size++;
    link(c);
  }

  private void put(Connection c) {
    int i = slot(c.id);
    while (slots[i] != null) i = i + 1 & slots.length - 1;
    slots[i] = c;
  }

  void remove(Connection c) {
    ended.addFirst(c);
    if (ended.size() > MOST_ENDED) ended.removeLast();
    int mask = slots.length - 1;
    int i = slot(c.id);
    while (slots[i] != c) i = i + 1 & mask;
    slots[i] = null;
    for (int j = i + 1 & mask; slots[j] != null; j = j + 1 & mask) {
      Connection moved = slots[j];
      slots[j] = null;
      put(moved);
    }
    size--;
    unlink(c);
  }

  private void link(Connection c) {
    c.older = newest;
    c.newer = null;
    if (newest == null) eldest = c;
    else newest.newer = c;
    newest = c;
  }

  private void unlink(Connection c) {
    if (c.older == null) eldest = c.newer;
    else c.older.newer = c.newer;
    if (c.newer == null) newest = c.older;
    else c.newer.older = c.older;
    c.older = null;
    c.newer = null;
  }

  /** Up to {@code most} connections as they are now, the one touched last first; after them those that ended last. */
  List<LiveConnection> live(int most) {
    List<LiveConnection> live = new ArrayList<>(Math.min(size, most));
    for (Connection c = newest; c != null && live.size() < most; c = c.older) live.add(c.live());
    for (Connection c : ended) if (live.size() < most) live.add(c.live());
    return List.copyOf(live);
  }

  void forEach(Consumer<Connection> action) {
    for (Connection c = eldest; c != null; ) {
      Connection next = c.newer;
      action.accept(c);
      c = next;
    }
  }
}
