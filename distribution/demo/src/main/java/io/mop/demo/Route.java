package io.mop.demo;

import java.util.List;

/** What the service answers, and how long it works on it. */
enum Route {
  ORDERS("/api/orders", 4),
  ORDER("/api/orders/{id}", 1),
  PAYMENT("/api/payment", 25),
  REPORT("/api/report", 120),
  NONE("", 0);

  /** Every so many payments one is refused by the bank. */
  private static final int REFUSED = 4;

  private static final List<String> STORED =
      List.of("{\"id\":1,\"total\":12.5}", "{\"id\":2,\"total\":99.0}", "{\"id\":3,\"total\":7.25}");

  /** @param status of HTTP */
  record Answer(int status, String json) {}

  /** {@code http.route}; empty if there is none. */
  final String template;

  /** Time a request takes, milliseconds: it stands for a database, a bank and the like. */
  final long millis;

  Route(String template, long millis) {
    this.template = template;
    this.millis = millis;
  }

  static Route of(String path) {
    return switch (path) {
      case "/api/orders" -> ORDERS;
      case "/api/payment" -> PAYMENT;
      case "/api/report" -> REPORT;
      default -> path.startsWith("/api/orders/") ? ORDER : NONE;
    };
  }

  /** @param n of requests to this service so far on this route, from 1 */
  Answer answer(String path, long n) {
    return switch (this) {
      case ORDERS -> new Answer(200, "{\"orders\":[" + String.join(",", STORED) + "]}");
      case ORDER -> order(path.substring("/api/orders/".length()));
      case PAYMENT ->
          n % REFUSED == 0
              ? new Answer(503, "{\"error\":\"the bank does not answer\"}")
              : new Answer(200, "{\"paid\":true}");
      case REPORT -> new Answer(200, "{\"orders\":" + STORED.size() + ",\"sum\":118.75}");
      case NONE -> new Answer(404, "{\"error\":\"no such resource\"}");
    };
  }

  private static Answer order(String id) {
    return STORED.stream()
        .filter(order -> order.startsWith("{\"id\":" + id + ","))
        .findFirst()
        .map(order -> new Answer(200, order))
        .orElse(new Answer(404, "{\"error\":\"no such order\"}"));
  }
}
