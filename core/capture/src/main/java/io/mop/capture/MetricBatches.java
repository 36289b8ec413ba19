package io.mop.capture;

import io.mop.api.data.Signal;
import io.mop.api.pipeline.Receiver.Intake;
import io.mop.api.plugin.Context;
import io.mop.otlp.HistogramWriter;
import io.mop.otlp.SpanWriter;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes series as OTLP requests, one a process, and hands them to the pipelines. What they refuse is left out: series
 * are cumulative, so the next reading holds what it held. For the ring thread.
 */
public final class MetricBatches {
  private final Door door;
  private final String version;

  /** @param version of the instrumentation scope */
  public MetricBatches(Intake intake, String version, Context context) {
    door =
        new Door(
            intake, Signal.METRICS, context.counter("readings_skipped", "{reading}", "readings that were refused"));
    this.version = version;
  }

  /** Whether a pipeline takes metrics. */
  boolean wanted() {
    return door.carries();
  }

  /** Whether the pipelines took the reading; {@code time} in Unix nanoseconds. */
  boolean write(Resource process, List<Series> series, long time) {
    HistogramWriter writer =
        new HistogramWriter(SpanWriter.resource(process.attributes()), SpanBatches.SCOPE, version);
    series.stream()
        .collect(Collectors.groupingBy(s -> s.key.measure().name(), TreeMap::new, Collectors.toList()))
        .forEach((name, of) -> {
          writer.begin(name, "s");
          of.forEach(s -> s.writeTo(writer, time));
          writer.end();
        });
    return door.hand(writer.size(), writer::writeTo);
  }
}
