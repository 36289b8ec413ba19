package io.mop.plugins.postgresql;

import io.mop.api.capture.Protocol;
import io.mop.api.plugin.Size;
import io.mop.testkit.TestContext;
import io.mop.testkit.TestSpan;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The protocol under test, its messages, and spans in short. */
final class Tap {
  private Tap() {}

  static Protocol protocol(TestContext context) {
    return protocol(context, true);
  }

  static Protocol protocol(TestContext context, boolean queryText) {
    return new PostgresqlProbe().create(new PostgresqlProbe.Config(queryText, 4, new Size(4096)), context);
  }

  /** Of each span the text of the statement, else its name; the error behind an exclamation mark if it failed. */
  static List<String> statements(List<TestSpan> spans) {
    return spans.stream().map(Tap::statement).toList();
  }

  private static String statement(TestSpan span) {
    Object text = span.attributes().getOrDefault("db.query.text", "<" + span.name() + ">");
    Object error = span.attributes().get("error.type");
    return error == null ? text.toString() : text + " !" + error;
  }

  /** A message; each char of the body is one byte. */
  static String message(char type, String body) {
    return type + int32(body.length() + 4) + body;
  }

  static String int32(int n) {
    return int16(n >>> 16) + int16(n);
  }

  static String int16(int n) {
    return "" + (char) (n >>> 8 & 0xff) + (char) (n & 0xff);
  }

  static String startup(String... pairs) {
    String body = int32(3 << 16) + String.join("\0", pairs) + "\0\0";
    return int32(body.length() + 4) + body;
  }

  static String query(String sql) {
    return message('Q', utf8(sql) + "\0");
  }

  static String parse(String name, String sql) {
    return message('P', name + "\0" + utf8(sql) + "\0" + int16(0));
  }

  static String bind(String portal, String name, String... values) {
    StringBuilder b = new StringBuilder(portal + "\0" + name + "\0" + int16(0) + int16(values.length));
    for (String value : values) b.append(int32(value.length())).append(value);
    return message('B', b + int16(0));
  }

  static String execute(String portal) {
    return message('E', portal + "\0" + int32(0));
  }

  static String sync() {
    return message('S', "");
  }

  static String row(String... values) {
    StringBuilder b = new StringBuilder(int16(values.length));
    for (String value : values) b.append(int32(value.length())).append(value);
    return message('D', b.toString());
  }

  /** RowDescription of one column. */
  static String columns(String name) {
    return message('T', int16(1) + name + "\0" + "\0".repeat(18));
  }

  static String complete(String tag) {
    return message('C', tag + "\0");
  }

  static String error(String state) {
    return message('E', "SERROR\0VERROR\0C" + state + "\0Msecret\0\0");
  }

  static String ready() {
    return message('Z', "I");
  }

  private static String utf8(String s) {
    return new String(s.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
