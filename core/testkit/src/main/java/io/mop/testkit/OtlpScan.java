package io.mop.testkit;

/** Counts the items of an OTLP request: spans, data points, log records. */
final class OtlpScan {
  /** What was counted; not thread-safe. */
  static final class Count {
    long spans;
    long points;
    long logs;
    long checksum;
    final LongSet ids = new LongSet();

    long items() {
      return spans + points + logs;
    }
  }

  private final Count count;
  private final char signal;
  private long left;

  private OtlpScan(char signal, Count count, long limit) {
    this.signal = signal;
    this.count = count;
    this.left = limit;
  }

  /**
   * @param path {@code /v1/traces}, {@code /v1/metrics} or {@code /v1/logs}
   * @param limit so many items are counted, the rest is only checked
   * @throws IllegalArgumentException if the bytes are not such a request
   */
  static void scan(String path, byte[] body, Count count, long limit) {
    char signal =
        switch (path) {
          case "/v1/traces" -> 't';
          case "/v1/metrics" -> 'm';
          case "/v1/logs" -> 'l';
          default -> throw new IllegalArgumentException(path);
        };
    new OtlpScan(signal, count, limit).message(new ProtoReader(body), 0);
  }

  /** Depth 0: request, 1: resource group, 2: scope group, 3: span, metric or log record, 4: a metric's data. */
  private void message(ProtoReader r, int depth) {
    if (depth == 3 && signal == 'l') item(0);
    long id = 0;
    while (r.next()) {
      int field = r.field();
      if (!r.is(field)) continue;
      if (depth == 3 && signal == 't' && field == 2 && r.length() == 8) id = r.id(0, 8);
      else if (goesDown(field, depth)) message(r.message(), depth + 1);
      else if (depth == 4 && field == 1) item(0);
    }
    if (depth == 3 && signal == 't') item(id);
  }

  private boolean goesDown(int field, int depth) {
    return switch (depth) {
      case 0 -> field == 1;
      case 1, 2 -> field == 2;
      // gauge, sum, histogram, exponential_histogram, summary: data_points = 1 in each
      case 3 -> signal == 'm' && (field == 5 || field == 7 || field == 9 || field == 10 || field == 11);
      default -> false;
    };
  }

  private void item(long id) {
    if (left-- <= 0) return;
    switch (signal) {
      case 'm' -> count.points++;
      case 'l' -> count.logs++;
      default -> {
        count.spans++;
        count.checksum += mix(id);
        count.ids.add(id);
      }
    }
  }

  static long mix(long z) {
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  static byte[] partialSuccess(long rejected, String message) {
    byte[] partial = new ProtoWriter().varint(1, rejected).text(2, message).toByteArray();
    return new ProtoWriter().bytes(1, partial).toByteArray();
  }

  /** Open addressing, at most half full; 0 has a place of its own. */
  static final class LongSet {
    private long[] slots = new long[1024];
    private int size;
    private boolean zero;

    long size() {
      return size + (zero ? 1 : 0);
    }

    void add(long v) {
      if (v == 0) {
        zero = true;
      } else if (put(v) && ++size > slots.length / 2) {
        long[] old = slots;
        slots = new long[old.length * 2];
        for (long x : old) if (x != 0) put(x);
      }
    }

    private boolean put(long v) {
      int mask = slots.length - 1;
      int i = (int) mix(v) & mask;
      for (; slots[i] != 0; i = i + 1 & mask) if (slots[i] == v) return false;
      slots[i] = v;
      return true;
    }
  }
}
