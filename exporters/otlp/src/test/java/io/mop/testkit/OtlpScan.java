package io.mop.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Counts the items of an OTLP request without protobuf objects: a sink costs little beside what it measures. */
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

  private final byte[] b;
  private final Count count;
  private final char signal;
  private long left;

  private OtlpScan(byte[] b, char signal, Count count, long limit) {
    this.b = b;
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
    new OtlpScan(body, signal, count, limit).message(0, body.length, 0);
  }

  /** Depth 0: request, 1: resource group, 2: scope group, 3: span, metric or log record, 4: a metric's data. */
  private void message(int at, int end, int depth) {
    if (depth == 3 && signal == 'l') item(0);
    long id = 0;
    while (at < end) {
      long tag = 0;
      int shift = 0;
      byte x;
      do {
        if (at >= end || shift > 63) throw new IllegalArgumentException("tag");
        x = b[at++];
        tag |= (long) (x & 0x7f) << shift;
        shift += 7;
      } while (x < 0);
      int field = (int) (tag >>> 3);
      switch ((int) tag & 7) {
        case 0 -> {
          while (at < end && b[at] < 0) at++;
          at++;
        }
        case 1 -> at += 8;
        case 5 -> at += 4;
        case 2 -> {
          long length = 0;
          shift = 0;
          do {
            if (at >= end || shift > 63) throw new IllegalArgumentException("length");
            x = b[at++];
            length |= (long) (x & 0x7f) << shift;
            shift += 7;
          } while (x < 0);
          if (length < 0 || length > end - at) throw new IllegalArgumentException("length " + length);
          int to = at + (int) length;
          if (depth == 3 && signal == 't' && field == 2 && length == 8) id = bigEndian(at);
          else if (goesDown(field, depth)) message(at, to, depth + 1);
          else if (depth == 4 && field == 1) item(0);
          at = to;
        }
        default -> throw new IllegalArgumentException("wire type");
      }
    }
    if (at > end) throw new IllegalArgumentException("ends within a field");
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

  private long bigEndian(int at) {
    long v = 0;
    for (int i = 0; i < 8; i++) v = v << 8 | b[at + i] & 0xff;
    return v;
  }

  static long mix(long z) {
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  static byte[] partialSuccess(long rejected, String message) {
    ByteArrayOutputStream partial = new ByteArrayOutputStream();
    partial.write(1 << 3);
    varint(partial, rejected);
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    partial.write(2 << 3 | 2);
    varint(partial, text.length);
    partial.writeBytes(text);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(1 << 3 | 2);
    varint(all, partial.size());
    all.writeBytes(partial.toByteArray());
    return all.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, long v) {
    for (; (v & ~0x7fL) != 0; v >>>= 7) out.write((int) (v & 0x7f) | 0x80);
    out.write((int) v);
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
