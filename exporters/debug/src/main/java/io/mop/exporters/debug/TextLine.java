package io.mop.exporters.debug;

import io.mop.api.data.Field;
import io.mop.api.data.Items;
import io.mop.api.data.Spans;
import io.mop.api.data.Value;
import io.mop.api.plugin.Context;
import io.mop.exporters.debug.Debug.Config;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** For people: {@code 10:15:30.123 shop server GET /api/orders 1.3ms error 503 peer=10.0.0.7:4711 user.id=7}. */
final class TextLine implements LineExporter.Line {
  // ECMA-48 select graphic rendition
  private static final String DIM = "\u001b[2m";
  private static final String BOLD = "\u001b[1m";
  private static final String RED = "\u001b[31m";
  private static final String CYAN = "\u001b[36m";
  private static final String PLAIN = "\u001b[0m";

  private final DateTimeFormatter time = DateTimeFormatter.ofPattern("HH:mm:ss.SSS").withZone(ZoneId.systemDefault());
  private final boolean color;
  private final Field service;
  private final Field error;
  private final Field peerAddress;
  private final Field peerPort;
  private final List<Attribute> attributes;

  TextLine(Config config, Context context) {
    color = config.color();
    service = context.fields().resource("service.name");
    error = context.fields().item("error.type");
    peerAddress = context.fields().item("network.peer.address");
    peerPort = context.fields().item("network.peer.port");
    attributes = Attribute.of(config.attributes(), context);
  }

  @Override
  public void append(Items item, StringBuilder to) {
    if (item instanceof Spans span) span(span, to);
    else to.append(Show.unit(item.signal()).replaceAll("s$", "")).append(':');
    for (Attribute a : attributes) {
      Value value = a.of(item);
      if (value.present()) to.append(' ').append(paint(DIM, a.key() + "=")).append(quoted(Show.value(value)));
    }
  }

  private void span(Spans span, StringBuilder to) {
    boolean failed = span.status() == 2;
    to.append(paint(DIM, time.format(Instant.ofEpochSecond(0, span.start())))).append(' ');
    to.append(paint(CYAN, Show.value(span.get(service)))).append(' ').append(Show.kind(span.kind())).append(' ');
    to.append(paint(BOLD, Show.text(span.name()))).append(' ').append(duration(span.end() - span.start()));
    Value type = span.get(error);
    if (failed) to.append(' ').append(paint(RED, "error" + (type.present() ? " " + Show.value(type) : "")));
    Value address = span.get(peerAddress);
    if (!address.present()) return;
    to.append(' ').append(paint(DIM, "peer=")).append(Show.value(address));
    Value port = span.get(peerPort);
    if (port.present()) to.append(':').append(Show.value(port));
  }

  private String paint(String as, String text) {
    return color ? as + text + PLAIN : text;
  }

  private static String quoted(String text) {
    return text.isEmpty() || text.contains(" ") ? '"' + text + '"' : text;
  }

  private static String duration(long nanos) {
    if (Math.abs(nanos) < 1_000_000) return String.format(Locale.ROOT, "%.1fµs", nanos / 1e3);
    if (Math.abs(nanos) < 1_000_000_000) return String.format(Locale.ROOT, "%.1fms", nanos / 1e6);
    return String.format(Locale.ROOT, "%.2fs", nanos / 1e9);
  }
}
