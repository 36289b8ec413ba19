package io.mop.engine;

/** A batch that an exporter has to deliver. Times are of {@link System#nanoTime}. */
final class Delivery {
  WireBatch batch;
  final long began;
  /** When it is tried again. */
  long due;
  int attempts;

  Delivery(WireBatch batch, long now) {
    this.batch = batch;
    this.began = now;
    this.due = now;
  }
}
