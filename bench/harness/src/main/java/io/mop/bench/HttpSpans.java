package io.mop.bench;

import java.util.Map;
import java.util.TreeMap;

/** Server spans of one web server. */
final class HttpSpans {
  private final String port;
  private final Lines exchanges = new Lines();
  private final Map<Integer, Integer> statuses = new TreeMap<>();
  private final Map<String, Integer> otherRoutes = new TreeMap<>();
  private final Map<String, long[]> times = new TreeMap<>();

  HttpSpans(int port) {
    this.port = Integer.toString(port);
  }

  /** {@code METHOD PATH STATUS} of a line of a log. */
  static String exchange(String line) {
    int end = line.indexOf(' ', line.indexOf(' ', line.indexOf(' ') + 1) + 1);
    return end < 0 ? line : line.substring(0, end);
  }

  /** Number in the path of {@code METHOD PATH STATUS}. */
  static int number(String exchange) {
    return Integer.parseInt(exchange.substring(exchange.lastIndexOf('/') + 1, exchange.lastIndexOf(' ')));
  }

  /** Ignores spans of other servers. */
  void add(SpanRow s) {
    if (s.kind() != 2 || !s.get("server.port").equals(port)) return;
    String path = s.get("url.path");
    String status = s.get("http.response.status_code");
    exchanges.add(s.get("http.request.method") + " " + path + " " + status);
    statuses.merge(status.isEmpty() ? 0 : Integer.parseInt(status), 1, Integer::sum);
    // What answers 404 has no route, but for one that was asked for before the answer to another had come.
    String route = s.get("http.route");
    boolean template = route.equals(path.substring(0, path.lastIndexOf('/') + 1) + "{id}");
    boolean none = status.equals("404") && route.isEmpty();
    if (!template && !none) otherRoutes.merge(route + " for " + path, 1, Integer::sum);
    if (times.size() < 10_000) times.put(path, new long[] {s.start(), s.end()});
  }

  Lines exchanges() {
    return exchanges;
  }

  Map<Integer, Integer> statuses() {
    return statuses;
  }

  /** Spans whose route is not the template of their path. */
  Map<String, Integer> otherRoutes() {
    return otherRoutes;
  }

  /** Start and end, Unix nanoseconds, of the first spans, by path. */
  Map<String, long[]> times() {
    return times;
  }
}
