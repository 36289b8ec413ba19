package io.mop.exporters.debug;

import io.mop.api.data.Batch;
import io.mop.api.data.Field;
import io.mop.api.data.Items;
import io.mop.api.data.Signal;
import io.mop.api.data.Spans;
import io.mop.api.data.Value;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import io.mop.exporters.debug.Debug.Config;
import io.mop.exporters.debug.Debug.Verbosity;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** One log record a line, so that a line can be found by what it says. */
final class DebugExporter implements Exporter {
  private static final System.Logger LOG = System.getLogger("io.mop.exporters.debug");

  private final Config config;
  private final Context context;
  private final Field service;
  private final List<Attribute> attributes;
  private long second = Long.MIN_VALUE;
  private long inSecond;

  DebugExporter(Config config, Context context) {
    this.config = config;
    this.context = context;
    service = context.fields().resource("service.name");
    attributes = Attribute.of(config.attributes(), context);
  }

  @Override
  public void export(Batch batch, Outcome outcome) {
    if (sampled() && LOG.isLoggable(Level.INFO)) write(batch);
    outcome.delivered();
  }

  /** As the Collector's logger: the first of a second, then every n-th. */
  private synchronized boolean sampled() {
    long now = Math.floorDiv(context.now(), 1_000_000_000L);
    if (now != second) {
      second = now;
      inSecond = 0;
    }
    long beyond = ++inSecond - config.samplingInitial();
    return beyond <= 0 || beyond % config.samplingThereafter() == 0;
  }

  private void write(Batch batch) {
    Signal signal = batch.signal();
    String tenant = batch.tenant().isEmpty() ? "" : ", tenant " + Show.text(batch.tenant());
    log("%s: %d %s, %d bytes%s", signal.name().toLowerCase(Locale.ROOT), batch.items(), Show.unit(signal),
        batch.wire().remaining(), tenant);
    if (config.verbosity() == Verbosity.BASIC) return;
    Items items = batch.read();
    boolean detailed = config.verbosity() == Verbosity.DETAILED;
    while (items.next()) {
      if (items instanceof Spans span) writeSpan(span, detailed);
      else if (detailed) log("%s:%s", Show.unit(signal).replaceAll("s$", ""), attributesOf(items));
    }
  }

  private void writeSpan(Spans span, boolean detailed) {
    String status = span.status() == 2 ? " error" : span.status() == 1 ? " ok" : "";
    String line =
        String.format(Locale.ROOT, "span: %s: %s %s %.3f ms%s", Show.value(span.get(service)), Show.kind(span.kind()),
            Show.text(span.name()), (span.end() - span.start()) / 1e6, status);
    if (detailed) {
      line +=
          String.format(" at %s trace=%016x%016x span=%016x parent=%016x%s", Instant.ofEpochSecond(0, span.start()),
              span.traceIdHigh(), span.traceIdLow(), span.spanId(), span.parentId(), attributesOf(span));
    }
    log("%s", line);
  }

  private String attributesOf(Items items) {
    StringBuilder s = new StringBuilder();
    for (Attribute a : attributes) {
      Value value = a.of(items);
      if (value.present()) s.append(' ').append(a.key()).append('=').append(Show.value(value));
    }
    return s.toString();
  }

  private void log(String format, Object... values) {
    LOG.log(Level.INFO, context.id() + ": " + String.format(Locale.ROOT, format, values));
  }
}
