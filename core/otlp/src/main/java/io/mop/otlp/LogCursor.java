package io.mop.otlp;

import io.mop.api.data.Logs;
import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.mop.api.data.Value;

/** Cursor over the log records of a logs request. */
public final class LogCursor extends ItemCursor implements Logs {
  private final LogIndex index;
  private final WireText severityText = new WireText(this);
  private final WireValue body = new WireValue(this, LogIndex.BODY);

  public LogCursor() {
    this(new LogIndex());
  }

  private LogCursor(LogIndex index) {
    super(index);
    this.index = index;
  }

  @Override
  public Signal signal() {
    return Signal.LOGS;
  }

  @Override
  public long time() {
    return index.time[current()];
  }

  @Override
  public long observedTime() {
    return index.observed[current()];
  }

  @Override
  public int severity() {
    return index.severity[current()];
  }

  @Override
  public Text severityText() {
    int item = current();
    return show(severityText, index.textAt[item], index.textLength[item]);
  }

  @Override
  public Value body() {
    int item = current();
    return show(body, index.recordBody[item], index.recordBodyEnd[item]);
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
}
