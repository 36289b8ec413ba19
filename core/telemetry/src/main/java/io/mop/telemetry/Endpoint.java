package io.mop.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A small HTTP server: GET and HEAD on fixed paths, bounded in threads, connections and time. */
final class Endpoint implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.mop.telemetry");
  private static final int THREADS = 4;
  private static final int CONNECTIONS = 64;

  /** What the JDK's server takes from system properties (of the module jdk.httpserver), read once: seconds. */
  private static final Map<String, String> LIMITS =
      Map.of(
          "sun.net.httpserver.maxReqTime", "5",
          "sun.net.httpserver.maxRspTime", "30",
          "sun.net.httpserver.idleInterval", "30",
          "jdk.httpserver.maxConnections", Integer.toString(CONNECTIONS));

  record Page(int status, String type, String body) {}

  /** @param accept the request's header, empty = none */
  interface Handler {
    Page get(String accept);
  }

  private final HttpServer server;
  private final ThreadPoolExecutor threads;
  private final Map<String, Handler> pages;

  private Endpoint(HttpServer server, Map<String, Handler> pages) {
    this.server = server;
    this.pages = Map.copyOf(pages);
    AtomicInteger count = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(CONNECTIONS),
            r -> {
              Thread t = new Thread(r, "mop-telemetry-" + count.incrementAndGet());
              t.setDaemon(true);
              return t;
            },
            new ThreadPoolExecutor.CallerRunsPolicy());
    threads.allowCoreThreadTimeOut(true);
  }

  /** @throws BindException if the address cannot be had */
  static Endpoint open(InetSocketAddress address, Map<String, Handler> pages) throws IOException {
    LIMITS.forEach((key, value) -> {
      if (System.getProperty(key) == null) System.setProperty(key, value);
    });
    Endpoint endpoint = new Endpoint(HttpServer.create(address, CONNECTIONS), pages);
    endpoint.server.setExecutor(endpoint.threads);
    endpoint.server.createContext("/", endpoint::handle);
    endpoint.server.start();
    return endpoint;
  }

  InetSocketAddress address() {
    return server.getAddress();
  }

  private void handle(HttpExchange exchange) {
    try (exchange) {
      Page page = page(exchange);
      byte[] body = page.body.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", page.type);
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(page.status, head || body.length == 0 ? -1 : body.length);
      if (!head) exchange.getResponseBody().write(body);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a request was not answered", e);
    }
  }

  private Page page(HttpExchange exchange) {
    Handler handler = pages.get(exchange.getRequestURI().getPath());
    if (handler == null)
      return text(
          404,
          "There is nothing here; try " + String.join(", ", pages.keySet().stream().sorted().toList()) + ".");
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      return text(405, "Expected GET or HEAD.");
    }
    try {
      String accept = exchange.getRequestHeaders().getFirst("Accept");
      return handler.get(accept == null ? "" : accept);
    } catch (RuntimeException | LinkageError e) {
      LOG.log(System.Logger.Level.WARNING, exchange.getRequestURI().getPath() + " failed", e);
      return text(500, "MOP failed at this; its log says how.");
    }
  }

  private static Page text(int status, String sentence) {
    return new Page(status, "text/plain; charset=utf-8", sentence + "\n");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
