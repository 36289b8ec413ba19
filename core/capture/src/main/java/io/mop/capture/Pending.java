package io.mop.capture;

import io.mop.api.capture.Exchanges.Exchange;
import io.mop.api.data.Text;

/** One open exchange. Its data is taken away when it ends, so that a decoder that keeps it can do no harm. */
final class Pending implements Exchange {
  private static final int SLACK = 1024;

  final InFlight table;
  final long id;
  final long start;
  /** Null once the exchange has ended. */
  SpanData data;
  boolean answered;
  /** Weight as the list of all open exchanges counted it. */
  long weight;
  Pending older;
  Pending newer;

  Pending(InFlight table, long id, long start, SpanData data) {
    this.table = table;
    this.id = id;
    this.start = start;
    this.data = data;
  }

  /** What the decoder adds is counted when it is much; a little more is at the response. */
  private void grown() {
    if (data.weight() - weight > SLACK) table.weigh(this);
  }

  @Override
  public Exchange name(Text operation) {
    if (data == null) return this;
    data.name = operation;
    grown();
    return this;
  }

  @Override
  public Exchange parent(long traceIdHigh, long traceIdLow, long spanId) {
    if (data != null && (traceIdHigh | traceIdLow) != 0 && spanId != 0) {
      data.traceHigh = traceIdHigh;
      data.traceLow = traceIdLow;
      data.parentId = spanId;
      table.context(this);
    }
    return this;
  }

  @Override
  public Exchange set(String attribute, Text value) {
    if (data == null) return this;
    data.set(attribute, value);
    grown();
    return this;
  }

  @Override
  public Exchange set(String attribute, long value) {
    if (data != null) data.set(attribute, value);
    return this;
  }

  @Override
  public Exchange error(String type) {
    if (data != null) {
      data.failed = true;
      data.error = Text.of(type);
    }
    return this;
  }

  @Override
  public void complete(long time) {
    if (data != null) table.complete(this, time);
  }

  @Override
  public void discard(String reason) {
    if (data != null) table.discard(this, reason);
  }
}
