package io.mop.exporters.summary;

import io.mop.api.data.Batch;
import io.mop.api.data.Field;
import io.mop.api.data.Spans;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import io.mop.exporters.summary.Summary.Config;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Adds spans up and draws the table; one lock, taken per batch. Drawing takes it not: who does not read holds up no
 * batch.
 */
final class SummaryExporter implements Exporter {
  private static final System.Logger LOG = System.getLogger("io.mop.exporters.summary");
  private static final double SECOND = 1e9;

  private final Config config;
  private final Context context;
  private final Screen screen;
  private final Field service;
  private final Operations operations;
  private final int window;
  private final AutoCloseable ticks;
  private long spans;
  private long errors;
  private long points;
  private long logs;
  private long first; // telemetry time at which the first spans came; 0 = none yet
  private long last;
  private long shown = -1; // items in the last table

  SummaryExporter(Config config, Context context, Screen screen) {
    this.config = config;
    this.context = context;
    this.screen = screen;
    service = context.fields().resource("service.name");
    window = (int) config.window().toSeconds();
    operations = new Operations(config.maxOperations(), window);
    ticks = context.every(config.interval(), this::tick);
  }

  @Override
  public void export(Batch batch, Outcome outcome) {
    synchronized (this) {
      switch (batch.signal()) {
        case TRACES -> add(batch);
        case METRICS -> points += batch.items();
        case LOGS -> logs += batch.items();
      }
    }
    outcome.delivered();
  }

  private void add(Batch batch) {
    if (!(batch.read() instanceof Spans span)) throw new IllegalStateException("a traces batch without spans");
    long now = context.now();
    long second = Math.floorDiv(now, 1_000_000_000L);
    if (first == 0) first = now;
    last = now;
    while (span.next()) {
      boolean error = span.status() == 2;
      operations.add(span.get(service), span.kind(), span.name(), span.end() - span.start(), error, second);
      spans++;
      if (error) errors++;
    }
  }

  private void tick() {
    List<String> table;
    synchronized (this) {
      // Without a terminal each table stays, so one that says nothing new is left out.
      long items = spans + points + logs;
      if (!screen.redraws() && items == shown) return;
      shown = items;
      table = table(false);
    }
    screen.draw(table);
  }

  /** Draws the last table, with all operations and rates over the whole time. */
  @Override
  public void close() {
    try {
      ticks.close();
    } catch (Exception e) {
      LOG.log(Level.WARNING, context.id() + ": the table's timer did not end", e);
    }
    List<String> table;
    synchronized (this) {
      table = table(true);
    }
    if (!screen.end(table)) {
      LOG.log(Level.WARNING, context.id() + ": the last table is not shown: nobody reads standard output");
    }
  }

  private List<String> table(boolean all) {
    List<String> lines = new ArrayList<>();
    if (spans == 0) {
      lines.add(all ? "no spans came" : "waiting for spans");
    } else {
      lines.addAll(rows(all));
    }
    double seconds = all ? Math.max(1, (last - first) / SECOND) : 0;
    long now = context.now();
    if (spans > 0) {
      String rate = all ? String.format(Locale.ROOT, "in %.1f s", seconds) : rate(recent(now), now) + "/s";
      lines.add("total " + spans + " spans, " + errors + " errors, " + rate);
    }
    if (points > 0) lines.add("and " + points + " data points");
    if (logs > 0) lines.add("and " + logs + " log records");
    lines.addAll(config.note());
    return lines;
  }

  private List<String> rows(boolean all) {
    long now = context.now();
    Table table = new Table();
    table.add("SERVICE", "OPERATION", "KIND", "REQ/S", "ERR %", "P50", "P95", "TOTAL");
    List<Operation> sorted = operations.sorted();
    int shownRows = all ? sorted.size() : Math.min(sorted.size(), config.rows());
    for (Operation o : sorted.subList(0, shownRows)) row(table, o, all, now);
    operations.other().ifPresent(o -> row(table, o, all, now));
    List<String> lines = table.lines();
    int hidden = sorted.size() - shownRows;
    if (hidden > 0) lines.add("… " + hidden + " more operations");
    return lines;
  }

  private void row(Table table, Operation o, boolean all, long now) {
    long total = o.durations.total();
    String rate =
        all
            ? String.format(Locale.ROOT, "%.1f", total / Math.max(1, (last - first) / SECOND))
            : rate(o.recent(Math.floorDiv(now, 1_000_000_000L)), now);
    table.add(
        o.service,
        o.name,
        o.kind,
        rate,
        String.format(Locale.ROOT, "%.1f", 100.0 * o.errors / total),
        Table.duration(o.durations.quantile(0.50)),
        Table.duration(o.durations.quantile(0.95)),
        Long.toString(total));
  }

  private long recent(long now) {
    long second = Math.floorDiv(now, 1_000_000_000L);
    long sum = operations.other().map(o -> o.recent(second)).orElse(0L);
    for (Operation o : operations.sorted()) sum += o.recent(second);
    return sum;
  }

  /** The window's newest second is under way, and at first the window is not full. */
  private String rate(long count, long now) {
    double full = window - 1 + Math.floorMod(now, 1_000_000_000L) / SECOND;
    double seconds = Math.max(1, Math.min(full, (now - first) / SECOND));
    return String.format(Locale.ROOT, "%.1f", count / seconds);
  }
}
