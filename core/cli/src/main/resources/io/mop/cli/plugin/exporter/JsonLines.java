package @package@;

import io.mop.api.data.Batch;
import io.mop.api.data.Field;
import io.mop.api.data.Items;
import io.mop.api.data.Logs;
import io.mop.api.data.Points;
import io.mop.api.data.Spans;
import io.mop.api.data.Value;
import io.mop.api.pipeline.Exporter;
import io.mop.api.plugin.Context;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Writes a batch within the call: queue, retry and back-off are MOP's. */
final class JsonLines implements Exporter {
  private final Path path;
  private final List<Field> attributes;
  private final Context context;

  JsonLines(Path path, List<Field> attributes, Context context) {
    this.path = path;
    this.attributes = attributes;
    this.context = context;
  }

  @Override
  public synchronized void export(Batch batch, Outcome outcome) {
    try {
      append(ByteBuffer.wrap(lines(batch).getBytes(StandardCharsets.UTF_8)));
      context.healthy();
      outcome.delivered();
    } catch (IOException e) {
      String why = "cannot append to " + path + ": " + e;
      context.unhealthy(why);
      outcome.retry(why, Duration.ZERO);
    }
  }

  /** All or nothing, as the same batch comes again. */
  private void append(ByteBuffer bytes) throws IOException {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
      long before = file.size();
      try {
        while (bytes.hasRemaining()) file.write(bytes);
      } catch (IOException e) {
        file.truncate(before);
        throw e;
      }
    }
  }

  private String lines(Batch batch) {
    StringBuilder lines = new StringBuilder();
    String signal = batch.signal().name().toLowerCase(Locale.ROOT);
    Items items = batch.read();
    while (items.next()) {
      lines.append("{\"signal\":\"").append(signal).append('"');
      if (items instanceof Spans span) {
        lines.append(",\"time\":").append(span.start()).append(",\"name\":");
        quote(span.name().toString(), lines);
      } else if (items instanceof Points point) {
        lines.append(",\"time\":").append(point.time()).append(",\"name\":");
        quote(point.name().toString(), lines);
      } else if (items instanceof Logs log) {
        lines.append(",\"time\":").append(log.time()).append(",\"body\":");
        value(log.body(), lines);
      }
      lines.append(",\"attributes\":{");
      String comma = "";
      for (Field attribute : attributes) {
        Value value = items.get(attribute);
        if (!value.present()) continue;
        lines.append(comma);
        quote(attribute.key(), lines);
        lines.append(':');
        value(value, lines);
        comma = ",";
      }
      lines.append("}}\n");
    }
    return lines.toString();
  }

  /** Arrays, maps, bytes and what JSON has no number for become null. */
  private static void value(Value value, StringBuilder to) {
    switch (value.type()) {
      case TEXT -> quote(value.text().toString(), to);
      case INT -> to.append(value.integer());
      case BOOL -> to.append(value.bool());
      case DOUBLE -> to.append(Double.isFinite(value.real()) ? Double.toString(value.real()) : "null");
      default -> to.append("null");
    }
  }

  private static void quote(String text, StringBuilder to) {
    to.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') to.append('\\').append(c);
      else if (c < ' ') to.append(String.format("\\u%04x", (int) c));
      else to.append(c);
    }
    to.append('"');
  }
}
