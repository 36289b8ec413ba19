package io.mop.plugins.postgresql;

import java.util.Arrays;

/** Messages of the client that the server answers, in order, without their answer so far. */
final class Pending {
  enum Kind {
    STARTUP(false),
    QUERY(true),
    FUNCTION(true),
    PARSE(false),
    BIND(false),
    DESCRIBE(false),
    EXECUTE(true),
    CLOSE(false),
    SYNC(false),
    /** An EXECUTE that has failed with a message before it. */
    FAILED(false);

    /** An exchange was opened for it. */
    final boolean exchange;

    Kind(boolean exchange) {
      this.exchange = exchange;
    }
  }

  private static final int MAX = 1 << 14;
  private Kind[] kinds = new Kind[4];
  private Statement[] statements = new Statement[4];
  private String[] names = new String[4];
  private long[] times = new long[4];
  private int head;
  private int size;
  private boolean used;

  /** Whether a message was seen since the start, or the last loss. */
  boolean used() {
    return used;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /**
   * @param name of a statement that is to be prepared
   * @param time of the message
   * @return false if there are too many
   */
  boolean add(Kind kind, Statement statement, String name, long time) {
    used = true;
    if (size == MAX) return false;
    if (head + size == kinds.length) room();
    int i = head + size++;
    kinds[i] = kind;
    statements[i] = statement;
    names[i] = name;
    times[i] = time;
    return true;
  }

  private void room() {
    int length = size * 2 > kinds.length ? kinds.length * 2 : kinds.length;
    kinds = move(kinds, Arrays.copyOf(kinds, length));
    statements = move(statements, Arrays.copyOf(statements, length));
    names = move(names, Arrays.copyOf(names, length));
    long[] moved = new long[length];
    System.arraycopy(times, head, moved, 0, size);
    times = moved;
    head = 0;
  }

  private <T> T[] move(T[] from, T[] to) {
    System.arraycopy(from, head, to, 0, size);
    Arrays.fill(to, size, to.length, null);
    return to;
  }

  /** Whether the first one is of this kind. */
  boolean is(Kind kind) {
    return size > 0 && kinds[head] == kind;
  }

  Kind kind() {
    return kinds[head];
  }

  Statement statement() {
    return statements[head];
  }

  String name() {
    return names[head];
  }

  long time() {
    return times[head];
  }

  void remove() {
    statements[head] = null;
    names[head] = null;
    head++;
    if (--size == 0) head = 0;
  }

  /** The first EXECUTE before the next SYNC becomes {@link Kind#FAILED}; false if there is none. */
  boolean failExecute() {
    for (int i = head; i < head + size && kinds[i] != Kind.SYNC; i++) {
      if (kinds[i] != Kind.EXECUTE) continue;
      kinds[i] = Kind.FAILED;
      return true;
    }
    return false;
  }

  /** A COPY to the server ends: it has ignored each SYNC that came since it began. */
  void copied() {
    while (size > 0 && kinds[head + size - 1] == Kind.SYNC) size--;
  }

  /** Whether one statement is being answered and nothing is to come after it but its SYNC. */
  boolean single() {
    if (size == 0 || !kinds[head].exchange) return false;
    for (int i = 1; i < size; i++) if (kinds[head + i] != Kind.SYNC) return false;
    return size <= 2;
  }

  void clear() {
    kinds = new Kind[4];
    statements = new Statement[4];
    names = new String[4];
    times = new long[4];
    head = 0;
    size = 0;
    used = false;
  }
}
