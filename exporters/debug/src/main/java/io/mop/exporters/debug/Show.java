package io.mop.exporters.debug;

import io.mop.api.data.Signal;
import io.mop.api.data.Text;
import io.mop.api.data.Value;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Values as people read them. */
final class Show {
  private static final int LONGEST_TEXT = 256;

  private Show() {}

  static String value(Value value) {
    return switch (value.type()) {
      case TEXT -> text(value.text());
      case INT -> Long.toString(value.integer());
      case DOUBLE -> Double.toString(value.real());
      case BOOL -> Boolean.toString(value.bool());
      case ABSENT -> "-";
      case EMPTY, BYTES, ARRAY, MAP -> "<" + value.type().name().toLowerCase(Locale.ROOT) + ">";
    };
  }

  static String text(Text text) {
    byte[] head = new byte[Math.min(text.length(), LONGEST_TEXT)];
    text.copy(0, head.length, head, 0);
    String s = text(new String(head, StandardCharsets.UTF_8));
    return head.length < text.length() ? s + "…" : s;
  }

  /** What an application sent must not begin a line of the log or move a cursor. */
  static String text(String s) {
    return s.replaceAll("\\p{Cc}", "�");
  }

  static String kind(int kind) {
    return switch (kind) {
      case 1 -> "internal";
      case 2 -> "server";
      case 3 -> "client";
      case 4 -> "producer";
      case 5 -> "consumer";
      default -> "unspecified";
    };
  }

  static String status(int status) {
    return switch (status) {
      case 1 -> "ok";
      case 2 -> "error";
      default -> "unset";
    };
  }

  static String unit(Signal signal) {
    return switch (signal) {
      case TRACES -> "spans";
      case METRICS -> "data points";
      case LOGS -> "log records";
    };
  }
}
