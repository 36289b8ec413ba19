package io.mop.plugins.http;

/** {@link Methods} of the requests without a response yet, oldest first: a response's length depends on it. */
final class MethodQueue {
  static final int NONE = -1;
  private static final int MAX = 1 << 16;
  private byte[] queue = new byte[4];
  private int head;
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  /** False if there are too many. */
  boolean add(int method) {
    if (size == MAX) return false;
    if (size == queue.length) {
      byte[] bigger = new byte[size * 2];
      for (int i = 0; i < size; i++) bigger[i] = queue[head + i & size - 1];
      queue = bigger;
      head = 0;
    }
    queue[head + size++ & queue.length - 1] = (byte) method;
    return true;
  }

  /** The oldest; {@link #NONE} if there is none. */
  int poll() {
    if (size == 0) return NONE;
    int method = queue[head];
    head = head + 1 & queue.length - 1;
    size--;
    return method;
  }

  void clear() {
    head = 0;
    size = 0;
  }
}
