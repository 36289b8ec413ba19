package io.mop.exporters.debug;

import io.mop.api.data.Batch;
import io.mop.api.data.Items;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import io.mop.exporters.debug.Debug.Config;
import io.mop.exporters.debug.Debug.Output;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** One line an item, all lines of a batch in one write. */
final class LineExporter implements Exporter {
  private final Line line;
  private final PrintStream out;

  LineExporter(Config config, Context context, PrintStream out) {
    line = config.output() == Output.JSON ? new JsonLine(config, context) : new TextLine(config, context);
    this.out = out;
  }

  /** Appends an item, without the end of the line. */
  interface Line {
    void append(Items item, StringBuilder to);
  }

  @Override
  public void export(Batch batch, Outcome outcome) {
    StringBuilder lines = new StringBuilder();
    Items items = batch.read();
    while (items.next()) {
      line.append(items, lines);
      lines.append('\n');
    }
    byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
    synchronized (out) {
      out.write(bytes, 0, bytes.length);
      out.flush();
    }
    outcome.delivered();
  }
}
