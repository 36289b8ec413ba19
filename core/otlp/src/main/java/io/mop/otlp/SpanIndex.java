package io.mop.otlp;

import static io.mop.otlp.Wire.next;
import static io.mop.otlp.Wire.value;

import java.util.Arrays;

/** One scan of a checked traces request. */
final class SpanIndex extends ItemIndex {
  private static final int ATTRIBUTES = 0x4A;

  int[] nameAt = {};
  int[] nameLength = {};
  int[] kind = {};
  int[] status = {};
  long[] traceIdHigh = {};
  long[] traceIdLow = {};
  long[] spanId = {};
  long[] parentId = {};
  long[] startNano = {};
  long[] endNano = {};

  SpanIndex() {
    release();
  }

  @Override
  int attributeTag(int item) {
    return ATTRIBUTES;
  }

  @Override
  void child(int ofScope, int tagAt, int at, int end) {
    byte[] b = wire;
    int i = begin(ofScope, tagAt, at, end);
    long high = 0;
    long low = 0;
    long id = 0;
    long parent = 0;
    long from = 0;
    long to = 0;
    int name = at;
    int nameBytes = 0;
    int spanKind = 0;
    int statusCode = 0;
    while (at < end) {
      if (b[at] == ATTRIBUTES) {
        int after = run(i, ATTRIBUTES, at, end);
        if (after > at) {
          at = after;
          continue;
        }
      }
      long read = Wire.u32(b, at);
      int field = value(read);
      at = next(read);
      switch (field) {
        case 0x39 -> {
          from = Wire.fixed64(b, at);
          at += 8;
        }
        case 0x41 -> {
          to = Wire.fixed64(b, at);
          at += 8;
        }
        case 0x30 -> {
          spanKind = (int) Wire.varint(b, at);
          at = Wire.skipVarint(b, at);
        }
        case ATTRIBUTES -> {
          attribute(i, at);
          at = runEnd[i];
        }
        case 0x0A, 0x12, 0x22, 0x2A, 0x7A -> {
          read = Wire.u32(b, at);
          int length = value(read);
          at = next(read);
          switch (field) {
            case 0x0A -> {
              high = length == 16 ? (long) Wire.ID.get(b, at) : 0;
              low = length == 16 ? (long) Wire.ID.get(b, at + 8) : 0;
            }
            case 0x12 -> id = length == 8 ? (long) Wire.ID.get(b, at) : 0;
            case 0x22 -> parent = length == 8 ? (long) Wire.ID.get(b, at) : 0;
            case 0x2A -> {
              name = at;
              nameBytes = length;
            }
            default -> statusCode = statusCode(at, at + length, statusCode);
          }
          at += length;
        }
        default -> at = Wire.skip(b, field, at);
      }
    }
    traceIdHigh[i] = high;
    traceIdLow[i] = low;
    spanId[i] = id;
    parentId[i] = parent;
    startNano[i] = from;
    endNano[i] = to;
    nameAt[i] = name;
    nameLength[i] = nameBytes;
    kind[i] = spanKind;
    status[i] = statusCode;
  }

  private int statusCode(int at, int end, int code) {
    while (at < end) {
      long read = Wire.u32(wire, at);
      at = next(read);
      if (value(read) == 0x18) code = (int) Wire.varint(wire, at);
      at = Wire.skip(wire, value(read), at);
    }
    return code;
  }

  @Override
  void resizeItems(int n) {
    super.resizeItems(n);
    nameAt = Arrays.copyOf(nameAt, n);
    nameLength = Arrays.copyOf(nameLength, n);
    kind = Arrays.copyOf(kind, n);
    status = Arrays.copyOf(status, n);
    traceIdHigh = Arrays.copyOf(traceIdHigh, n);
    traceIdLow = Arrays.copyOf(traceIdLow, n);
    spanId = Arrays.copyOf(spanId, n);
    parentId = Arrays.copyOf(parentId, n);
    startNano = Arrays.copyOf(startNano, n);
    endNano = Arrays.copyOf(endNano, n);
  }
}
