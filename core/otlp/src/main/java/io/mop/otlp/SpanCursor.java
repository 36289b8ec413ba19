package io.mop.otlp;

import io.mop.api.data.Signal;
import io.mop.api.data.Spans;
import io.mop.api.data.Text;

/** Cursor over the spans of a traces request. */
public final class SpanCursor extends ItemCursor implements Spans {
  private final SpanIndex index;
  private final WireText name = new WireText(this);

  public SpanCursor() {
    this(new SpanIndex());
  }

  private SpanCursor(SpanIndex index) {
    super(index);
    this.index = index;
  }

  @Override
  public Signal signal() {
    return Signal.TRACES;
  }

  @Override
  public long traceIdHigh() {
    return index.traceIdHigh[current()];
  }

  @Override
  public long traceIdLow() {
    return index.traceIdLow[current()];
  }

  @Override
  public long spanId() {
    return index.spanId[current()];
  }

  @Override
  public long parentId() {
    return index.parentId[current()];
  }

  @Override
  public long start() {
    return index.startNano[current()];
  }

  @Override
  public long end() {
    return index.endNano[current()];
  }

  @Override
  public int kind() {
    return index.kind[current()];
  }

  @Override
  public int status() {
    return index.status[current()];
  }

  @Override
  public Text name() {
    int item = current();
    return show(name, index.nameAt[item], index.nameLength[item]);
  }
}
