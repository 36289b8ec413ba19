package io.mop.telemetry;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver;
import io.mop.api.plugin.Context;
import io.mop.api.plugin.InvalidConfig;
import io.opentelemetry.exporter.internal.otlp.metrics.MetricsRequestMarshaler;
import io.opentelemetry.sdk.metrics.data.MetricData;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.function.Supplier;

/**
 * Reads the metrics once an interval and once when it is closed. A reading that is refused is left out: sums are
 * cumulative, so the next one holds what it held.
 */
final class SelfReceiver implements Receiver {
  private final Supplier<Collection<MetricData>> metrics;
  private final Duration interval;
  private final Context context;
  private final Context.Counter skipped;
  private volatile Intake intake;
  private volatile boolean paused;

  SelfReceiver(Supplier<Collection<MetricData>> metrics, Duration interval, Context context) {
    this.metrics = metrics;
    this.interval = interval;
    this.context = context;
    this.skipped = context.counter("readings_skipped", "{reading}", "readings that were refused or came while paused");
  }

  @Override
  public void start(Intake to) {
    if (!to.carries(Signal.METRICS)) throw new InvalidConfig("", "a metrics pipeline that names it");
    intake = to;
    context.every(interval, this::send);
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
  }

  @Override
  public void close() {
    if (intake != null) send();
  }

  private synchronized void send() {
    if (paused) {
      skipped.add(1);
      return;
    }
    MetricsRequestMarshaler request = MetricsRequestMarshaler.create(metrics.get());
    Landing landing;
    try {
      landing = intake.reserve(Signal.METRICS, request.getBinarySerializedSize(), "");
    } catch (Refused e) {
      skipped.add(1);
      return;
    }
    boolean handed = false;
    try {
      request.writeBinaryTo(into(landing.buffer()));
      handed = true;
      landing.submit(new Dropping());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Malformed e) {
      throw new IllegalStateException("MOP's own metrics are not OTLP: " + e.getMessage(), e);
    } finally {
      if (!handed) landing.cancel();
    }
  }

  private static OutputStream into(ByteBuffer buffer) {
    return new OutputStream() {
      @Override
      public void write(int b) {
        buffer.put((byte) b);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) {
        buffer.put(bytes, offset, length);
      }
    };
  }

  private final class Dropping implements Ack {
    @Override
    public void safe() {
      context.healthy();
    }

    @Override
    public void refused(String why, Duration retryAfter) {
      skipped.add(1);
    }
  }
}
