package io.mop.otlp;

import io.mop.api.data.Points;
import io.mop.api.data.Signal;
import io.mop.api.data.Text;

/**
 * Cursor over the data points of a metrics request. A gauge or sum without a value reads as the real number 0, as in
 * protobuf.
 */
public final class PointCursor extends ItemCursor implements Points {
  private final PointIndex index;
  private final WireText name = new WireText(this);
  private final WireText unit = new WireText(this);

  public PointCursor() {
    this(new PointIndex());
  }

  private PointCursor(PointIndex index) {
    super(index);
    this.index = index;
  }

  @Override
  public Signal signal() {
    return Signal.METRICS;
  }

  @Override
  public Text name() {
    int m = metric();
    return show(name, index.nameAt[m], index.nameLength[m]);
  }

  @Override
  public Text unit() {
    int m = metric();
    return show(unit, index.unitAt[m], index.unitLength[m]);
  }

  @Override
  public Type type() {
    return PointIndex.type(index.data[metric()]);
  }

  @Override
  public int temporality() {
    return index.temporality[metric()];
  }

  @Override
  public boolean monotonic() {
    return index.monotonic[metric()];
  }

  @Override
  public long start() {
    return index.start[current()];
  }

  @Override
  public long time() {
    return index.time[current()];
  }

  @Override
  public boolean isInteger() {
    return index.integer[current()];
  }

  @Override
  public long integer() {
    int item = current();
    if (!index.integer[item]) throw new IllegalStateException("point has no integer value; expected isInteger()");
    return index.number[item];
  }

  @Override
  public double real() {
    int item = current();
    if (!hasValue(item)) {
      throw new IllegalStateException("point of a " + type() + " has no single value; expected a GAUGE or SUM");
    }
    if (index.integer[item]) throw new IllegalStateException("value is an integer; expected a real number");
    return Double.longBitsToDouble(index.number[item]);
  }

  @Override
  public long count() {
    int item = current();
    return hasValue(item) ? 0 : index.number[item];
  }

  @Override
  public double sum() {
    return Double.longBitsToDouble(index.sum[current()]);
  }

  private int metric() {
    return index.metric[current()];
  }

  private boolean hasValue(int item) {
    return PointIndex.hasValue(index.data[index.metric[item]]);
  }
}
