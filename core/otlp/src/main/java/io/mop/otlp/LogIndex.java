package io.mop.otlp;

import static io.mop.otlp.Wire.next;
import static io.mop.otlp.Wire.value;

import java.util.Arrays;

/** One scan of a checked logs request. */
final class LogIndex extends ItemIndex {
  /** Tag of a LogRecord's body. */
  static final int BODY = 0x2A;

  private static final int ATTRIBUTES = 0x32;

  long[] time = {};
  long[] observed = {};
  int[] severity = {};
  int[] textAt = {};
  int[] textLength = {};
  /** From the tag of the first piece of the body to the end of the last. */
  int[] recordBody = {};
  int[] recordBodyEnd = {};
  long[] traceIdHigh = {};
  long[] traceIdLow = {};
  long[] spanId = {};

  LogIndex() {
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
    time[i] = 0;
    observed[i] = 0;
    severity[i] = 0;
    textAt[i] = at;
    textLength[i] = 0;
    recordBody[i] = at;
    recordBodyEnd[i] = at;
    traceIdHigh[i] = 0;
    traceIdLow[i] = 0;
    spanId[i] = 0;
    while (at < end) {
      if (b[at] == ATTRIBUTES) {
        int after = run(i, ATTRIBUTES, at, end);
        if (after > at) {
          at = after;
          continue;
        }
      }
      int fieldAt = at;
      long read = Wire.u32(b, at);
      int field = value(read);
      at = next(read);
      int after = Wire.skip(b, field, at);
      switch (field) {
        case 0x09 -> time[i] = Wire.fixed64(b, at);
        case 0x10 -> severity[i] = (int) Wire.varint(b, at);
        case 0x1A -> {
          textAt[i] = next(Wire.u32(b, at));
          textLength[i] = after - textAt[i];
        }
        case BODY -> {
          if (recordBodyEnd[i] == recordBody[i]) recordBody[i] = fieldAt;
          recordBodyEnd[i] = after;
        }
        case ATTRIBUTES -> attribute(i, at);
        case 0x4A -> {
          at = next(Wire.u32(b, at));
          traceIdHigh[i] = after - at == 16 ? (long) Wire.ID.get(b, at) : 0;
          traceIdLow[i] = after - at == 16 ? (long) Wire.ID.get(b, at + 8) : 0;
        }
        case 0x52 -> {
          at = next(Wire.u32(b, at));
          spanId[i] = after - at == 8 ? (long) Wire.ID.get(b, at) : 0;
        }
        case 0x59 -> observed[i] = Wire.fixed64(b, at);
        default -> { }
      }
      at = after;
    }
  }

  @Override
  void resizeItems(int n) {
    super.resizeItems(n);
    time = Arrays.copyOf(time, n);
    observed = Arrays.copyOf(observed, n);
    severity = Arrays.copyOf(severity, n);
    textAt = Arrays.copyOf(textAt, n);
    textLength = Arrays.copyOf(textLength, n);
    recordBody = Arrays.copyOf(recordBody, n);
    recordBodyEnd = Arrays.copyOf(recordBodyEnd, n);
    traceIdHigh = Arrays.copyOf(traceIdHigh, n);
    traceIdLow = Arrays.copyOf(traceIdLow, n);
    spanId = Arrays.copyOf(spanId, n);
  }
}
