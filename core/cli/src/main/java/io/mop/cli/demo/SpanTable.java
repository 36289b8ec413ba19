package io.mop.cli.demo;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The last table that the exporter summary drew: spans by service and kind, added over operations. */
final class SpanTable {
  private static final Pattern HEAD = Pattern.compile("SERVICE +OPERATION +KIND .* TOTAL$");

  /** Service, operation, kind, and the number in the last column: cells are two spaces or more apart. */
  private static final Pattern ROW = Pattern.compile("^(\\S+) {2,}.*? {2,}(\\w+) {2,}[\\d.]+ {2,}.* (\\d+)$");

  private final Map<String, Long> counts = new HashMap<>();

  /** One line of what was printed; begins anew with a table's first line. */
  void line(String line) {
    if (HEAD.matcher(line).find()) {
      counts.clear();
      return;
    }
    Matcher row = ROW.matcher(line);
    if (row.find()) counts.merge(key(row.group(1), row.group(2)), Long.parseLong(row.group(3)), Long::sum);
  }

  /** @param kind as the table names it, e.g. server */
  long spans(String service, String kind) {
    return counts.getOrDefault(key(service, kind), 0L);
  }

  private static String key(String service, String kind) {
    return service + " " + kind;
  }
}
