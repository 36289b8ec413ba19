package io.mop.bench;

/** Counts the spans of an OTLP traces request and sums up their ids, without objects. */
final class SpanScan {
  private final byte[] b;
  private long spans;
  private long sum;
  private long xor;

  /** @throws IllegalArgumentException if the bytes are not such a request */
  SpanScan(byte[] body) {
    b = body;
    message(0, b.length, 0);
  }

  long spans() {
    return spans;
  }

  /** Of the 8 bytes of each id as a big-endian number. */
  long sum() {
    return sum;
  }

  long xor() {
    return xor;
  }

  /** Depth 0: request, 1: ResourceSpans, 2: ScopeSpans, 3: Span. */
  private void message(int at, int end, int depth) {
    long id = 0;
    while (at < end) {
      int tag = b[at++];
      // Two bytes are enough: field numbers here are below 2048.
      if (tag < 0) tag = tag & 0x7f | b[at++] << 7;
      int field = tag >>> 3;
      switch (tag & 7) {
        case 0 -> {
          while (b[at++] < 0) continue;
        }
        case 1 -> at += 8;
        case 5 -> at += 4;
        case 2 -> {
          int length = 0;
          int shift = 0;
          byte x;
          do {
            x = b[at++];
            length |= (x & 0x7f) << shift;
            shift += 7;
          } while (x < 0);
          if (length < 0 || length > end - at) throw new IllegalArgumentException("length " + length);
          if (depth < 3 && field == (depth == 0 ? 1 : 2)) message(at, at + length, depth + 1);
          else if (depth == 3 && field == 2) id = id(at);
          at += length;
        }
        default -> throw new IllegalArgumentException("wire type " + (tag & 7));
      }
    }
    if (at > end) throw new IllegalArgumentException("ends within a field");
    if (depth < 3) return;
    spans++;
    sum += id;
    xor ^= id;
  }

  private long id(int at) {
    long v = 0;
    for (int i = 0; i < 8; i++) v = v << 8 | b[at + i] & 0xff;
    return v;
  }
}
