package io.mop.demo;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An HTTP server on a free loopback port with a server span per request, by hand, with the names of OpenTelemetry's
 * semantic conventions for HTTP. It counts requests beside the SDK, so that both can be compared.
 */
final class Service {
  private static final int THREADS = 64;
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
  private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
  private static final AttributeKey<Long> STATUS = AttributeKey.longKey("http.response.status_code");
  private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
  private static final AttributeKey<String> SCHEME = AttributeKey.stringKey("url.scheme");
  private static final AttributeKey<String> ADDRESS = AttributeKey.stringKey("server.address");
  private static final AttributeKey<Long> PORT = AttributeKey.longKey("server.port");
  private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");

  private static final TextMapGetter<Headers> HEADERS =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Headers headers) {
          return headers.keySet();
        }

        @Override
        public String get(Headers headers, String key) {
          return headers == null ? null : headers.getFirst(key);
        }
      };

  private final Tracer tracer;
  private final TextMapPropagator propagator;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);
  private final Map<Route, AtomicLong> requests = new EnumMap<>(Route.class);

  /** Listens. */
  Service(OpenTelemetry telemetry) throws IOException {
    tracer = telemetry.getTracer("io.mop.demo");
    propagator = telemetry.getPropagators().getTextMapPropagator();
    for (Route route : Route.values()) requests.put(route, new AtomicLong());
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** Requests that have come. */
  long served() {
    return requests.values().stream().mapToLong(AtomicLong::get).sum();
  }

  /** Lets requests under way end, at most 5 s. */
  void stop() {
    threads.shutdown();
    try {
      threads.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getPath();
    Route route = Route.of(path);
    long n = requests.get(route).incrementAndGet();
    Span span =
        tracer
            .spanBuilder(route.template.isEmpty() ? method : method + " " + route.template)
            .setSpanKind(SpanKind.SERVER)
            .setParent(propagator.extract(Context.root(), exchange.getRequestHeaders(), HEADERS))
            .setAttribute(METHOD, method)
            .setAttribute(PATH, path)
            .setAttribute(SCHEME, "http")
            .setAttribute(ADDRESS, exchange.getLocalAddress().getHostString())
            .setAttribute(PORT, (long) exchange.getLocalAddress().getPort())
            .startSpan();
    if (!route.template.isEmpty()) span.setAttribute(ROUTE, route.template);
    try (exchange) {
      Thread.sleep(route.millis);
      Route.Answer answer = route.answer(path, n);
      span.setAttribute(STATUS, (long) answer.status());
      if (answer.status() >= 500) {
        span.setAttribute(ERROR, Integer.toString(answer.status()));
        span.setStatus(StatusCode.ERROR);
      }
      byte[] body = answer.json().getBytes(StandardCharsets.UTF_8);
      exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(answer.status(), body.length);
      exchange.getResponseBody().write(body);
    } catch (IOException e) {
      span.recordException(e);
      span.setStatus(StatusCode.ERROR);
      throw e;
    } catch (InterruptedException e) {
      span.setStatus(StatusCode.ERROR, "the service ends");
      Thread.currentThread().interrupt();
    } finally {
      span.end();
    }
  }
}
