package io.mop.exporters.debug;

import io.mop.api.data.Field;
import io.mop.api.data.Items;
import io.mop.api.data.Spans;
import io.mop.api.data.Value;
import io.mop.api.plugin.Context;
import io.mop.exporters.debug.Debug.Config;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/** For programs; the names are those of {@code mop tap -o json}. */
final class JsonLine implements LineExporter.Line {
  private final Field service;
  private final List<Attribute> attributes;

  JsonLine(Config config, Context context) {
    service = context.fields().resource("service.name");
    attributes = Attribute.of(config.attributes(), context);
  }

  @Override
  public void append(Items item, StringBuilder to) {
    to.append('{');
    if (item instanceof Spans span) span(span, to);
    else member("signal", item.signal().name().toLowerCase(Locale.ROOT), to);
    key("attributes", to);
    to.append('{');
    for (Attribute a : attributes) {
      Value value = a.of(item);
      if (!value.present()) continue;
      key(a.key(), to);
      value(value, to);
    }
    to.append("}}");
  }

  private void span(Spans span, StringBuilder to) {
    member("time", Instant.ofEpochSecond(0, span.start()).toString(), to);
    member("signal", "traces", to);
    Value name = span.get(service);
    member("service", name.present() ? Show.value(name) : "", to);
    member("name", Show.text(span.name()), to);
    member("trace_id", String.format("%016x%016x", span.traceIdHigh(), span.traceIdLow()), to);
    member("span_id", String.format("%016x", span.spanId()), to);
    if (span.parentId() != 0) member("parent_span_id", String.format("%016x", span.parentId()), to);
    member("kind", Show.kind(span.kind()), to);
    member("status", Show.status(span.status()), to);
    key("duration_nanos", to);
    to.append(span.end() - span.start());
  }

  private static void member(String key, String value, StringBuilder to) {
    key(key, to);
    text(value, to);
  }

  private static void key(String key, StringBuilder to) {
    if (to.charAt(to.length() - 1) != '{') to.append(',');
    text(key, to);
    to.append(':');
  }

  /** JSON has no NaN and no infinity: they are texts. */
  private static void value(Value value, StringBuilder to) {
    switch (value.type()) {
      case INT -> to.append(value.integer());
      case BOOL -> to.append(value.bool());
      case DOUBLE -> {
        if (Double.isFinite(value.real())) to.append(value.real());
        else text(Double.toString(value.real()), to);
      }
      default -> text(Show.value(value), to);
    }
  }

  /** Control characters are gone already, and surrogates are pairs, as the text was UTF-8. */
  private static void text(String text, StringBuilder to) {
    to.append('"').append(text.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
  }
}
