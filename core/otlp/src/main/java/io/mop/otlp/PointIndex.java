package io.mop.otlp;

import static io.mop.otlp.Wire.next;
import static io.mop.otlp.Wire.value;

import io.mop.api.data.Points;
import java.util.Arrays;

/**
 * One scan of a checked metrics request. Of several kinds of data in a metric the last counts, with all its pieces, as
 * in protobuf-java; the points of the others are no items.
 */
final class PointIndex extends ItemIndex {
  private static final int GAUGE = 0x2A;
  private static final int SUM = 0x3A;
  private static final int HISTOGRAM = 0x4A;
  private static final int EXPONENTIAL_HISTOGRAM = 0x52;
  private static final int SUMMARY = 0x5A;

  int[] metricTag = {};
  int[] metricBody = {};
  int[] metricEnd = {};
  int[] metricFirstItem = {};
  /** Tag of the kind of data that counts, 0 = none. */
  int[] data = {};
  int[] nameAt = {};
  int[] nameLength = {};
  int[] unitAt = {};
  int[] unitLength = {};
  int[] temporality = {};
  boolean[] monotonic = {};

  int[] metric = {};
  long[] start = {};
  long[] time = {};
  boolean[] integer = {};
  /** The bits of a gauge's or sum's value; of others the count. */
  long[] number = {};
  /** The bits of a histogram's or summary's sum. */
  long[] sum = {};

  PointIndex() {
    release();
  }

  @Override
  int attributeTag(int item) {
    return attributes(data[metric[item]]);
  }

  /** Tag of the attributes in the points of this kind of data. */
  private static int attributes(int data) {
    return data == HISTOGRAM ? 0x4A : data == EXPONENTIAL_HISTOGRAM ? 0x0A : 0x3A;
  }

  static Points.Type type(int data) {
    return switch (data) {
      case GAUGE -> Points.Type.GAUGE;
      case SUM -> Points.Type.SUM;
      case HISTOGRAM -> Points.Type.HISTOGRAM;
      case EXPONENTIAL_HISTOGRAM -> Points.Type.EXPONENTIAL_HISTOGRAM;
      default -> Points.Type.SUMMARY;
    };
  }

  /** True if points of this kind of data have one value, not a count and a sum. */
  static boolean hasValue(int data) {
    return data == GAUGE || data == SUM;
  }

  @Override
  int metricOfItem(int item) {
    return metric[item];
  }

  @Override
  boolean hasEmptyMetric(int first, int end) {
    for (int m = scopeFirstMetric[first]; m < scopeFirstMetric[end]; m++) {
      if (metricFirstItem[m] == metricFirstItem[m + 1]) return true;
    }
    return false;
  }

  @Override
  int capacity() {
    return Math.max(super.capacity(), metricTag.length);
  }

  @Override
  int used() {
    return Math.max(super.used(), metrics);
  }

  @Override
  void child(int ofScope, int tagAt, int at, int end) {
    byte[] b = wire;
    int m = metrics++;
    if (m == metricTag.length) resizeMetrics(2 * m);
    metricTag[m] = tagAt;
    metricBody[m] = at;
    metricEnd[m] = end;
    metricFirstItem[m] = items;
    data[m] = 0;
    nameAt[m] = at;
    nameLength[m] = 0;
    unitAt[m] = at;
    unitLength[m] = 0;
    temporality[m] = 0;
    monotonic[m] = false;
    for (int p = at; p < end; ) {
      long read = Wire.u32(b, p);
      int field = value(read);
      int from = next(read);
      p = Wire.skip(b, field, from);
      switch (field) {
        case 0x0A -> {
          nameAt[m] = next(Wire.u32(b, from));
          nameLength[m] = p - nameAt[m];
        }
        case 0x1A -> {
          unitAt[m] = next(Wire.u32(b, from));
          unitLength[m] = p - unitAt[m];
        }
        case GAUGE, SUM, HISTOGRAM, EXPONENTIAL_HISTOGRAM, SUMMARY -> data[m] = field;
        default -> { }
      }
    }
    while (at < end) {
      long read = Wire.u32(b, at);
      int from = next(read);
      at = Wire.skip(b, value(read), from);
      if (value(read) == data[m]) data(ofScope, m, next(Wire.u32(b, from)), at);
    }
    metricFirstItem[metrics] = items;
  }

  private void data(int ofScope, int m, int at, int end) {
    byte[] b = wire;
    int kind = data[m];
    boolean hasTemporality = kind != GAUGE && kind != SUMMARY;
    while (at < end) {
      int tagAt = at;
      long read = Wire.u32(b, at);
      int field = value(read);
      at = next(read);
      int after = Wire.skip(b, field, at);
      if (field == 0x0A) point(ofScope, m, tagAt, next(Wire.u32(b, at)), after);
      else if (field == 0x10 && hasTemporality) temporality[m] = (int) Wire.varint(b, at);
      else if (field == 0x18 && kind == SUM) monotonic[m] = Wire.varint(b, at) != 0;
      at = after;
    }
  }

  private void point(int ofScope, int ofMetric, int tagAt, int at, int end) {
    byte[] b = wire;
    int i = begin(ofScope, tagAt, at, end);
    int kind = data[ofMetric];
    int attributes = attributes(kind);
    boolean hasValue = hasValue(kind);
    metric[i] = ofMetric;
    start[i] = 0;
    time[i] = 0;
    integer[i] = false;
    number[i] = 0;
    sum[i] = 0;
    while (at < end) {
      if (b[at] == attributes) {
        int after = run(i, attributes, at, end);
        if (after > at) {
          at = after;
          continue;
        }
      }
      long read = Wire.u32(b, at);
      int field = value(read);
      at = next(read);
      switch (field) {
        case 0x11 -> start[i] = Wire.fixed64(b, at);
        case 0x19 -> time[i] = Wire.fixed64(b, at);
        case 0x21 -> {
          integer[i] = false;
          number[i] = Wire.fixed64(b, at);
        }
        case 0x29 -> {
          if (!hasValue) sum[i] = Wire.fixed64(b, at);
        }
        case 0x31 -> {
          if (hasValue) {
            integer[i] = true;
            number[i] = Wire.fixed64(b, at);
          }
        }
        default -> {
          if (field == attributes) attribute(i, at);
        }
      }
      at = Wire.skip(b, field, at);
    }
  }

  @Override
  void release() {
    super.release();
    resizeMetrics(64);
  }

  @Override
  void resizeItems(int n) {
    super.resizeItems(n);
    metric = Arrays.copyOf(metric, n);
    start = Arrays.copyOf(start, n);
    time = Arrays.copyOf(time, n);
    integer = Arrays.copyOf(integer, n);
    number = Arrays.copyOf(number, n);
    sum = Arrays.copyOf(sum, n);
  }

  private void resizeMetrics(int n) {
    metricTag = Arrays.copyOf(metricTag, n);
    metricBody = Arrays.copyOf(metricBody, n);
    metricEnd = Arrays.copyOf(metricEnd, n);
    metricFirstItem = Arrays.copyOf(metricFirstItem, n + 1);
    data = Arrays.copyOf(data, n);
    nameAt = Arrays.copyOf(nameAt, n);
    nameLength = Arrays.copyOf(nameLength, n);
    unitAt = Arrays.copyOf(unitAt, n);
    unitLength = Arrays.copyOf(unitLength, n);
    temporality = Arrays.copyOf(temporality, n);
    monotonic = Arrays.copyOf(monotonic, n);
  }
}
