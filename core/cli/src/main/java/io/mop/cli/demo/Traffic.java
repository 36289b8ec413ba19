package io.mop.cli.demo;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Requests to a loopback port at a fixed rate over keep-alive connections, at most {@link #MOST_UNDER_WAY} at one time:
 * when the server is slower than that, requests are left out, not queued.
 */
final class Traffic implements AutoCloseable {
  static final int MOST_UNDER_WAY = 64;

  /**
   * One round for nginx: mostly good, some errors, a slow one; what begins with /api/ goes on to the service orders.
   */
  static final List<String> PATHS =
      List.of("/", "/api/orders", "/", "/missing", "/api/orders/1", "/", "/api/payment", "/broken", "/", "/api/orders",
          "/slow", "/", "/api/orders/99", "/", "/api/report", "/api/orders", "/", "/api/orders/2", "/api/payment", "/");

  /** One round for the service orders without nginx. */
  static final List<String> ORDERS = PATHS.stream().filter(path -> path.startsWith("/api/")).toList();

  /** @param failed requests without an answer */
  record Result(long ok, long clientErrors, long serverErrors, long failed) {
    long requests() {
      return ok + clientErrors + serverErrors + failed;
    }

    String summary() {
      return ok + " ok, " + clientErrors + " with 4xx, " + serverErrors + " with 5xx, " + failed + " failed";
    }
  }

  private final String base;
  private final List<String> paths;
  private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread t = new Thread(task, "demo-traffic");
            t.setDaemon(true);
            return t;
          });
  private Result result = new Result(0, 0, 0, 0);
  private int underWay;
  private int next;
  private boolean finished;

  /** Begins. */
  Traffic(int port, int perSecond, List<String> paths) {
    this.paths = paths;
    base = "http://127.0.0.1:" + port;
    clock.scheduleAtFixedRate(this::request, 0, 1_000_000_000L / perSecond, TimeUnit.NANOSECONDS);
  }

  private void request() {
    String path;
    synchronized (this) {
      if (finished || underWay == MOST_UNDER_WAY) return;
      underWay++;
      path = paths.get(next++ % paths.size());
    }
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + path))
            .timeout(Duration.ofSeconds(10))
            .header("traceparent", traceParent())
            .build();
    client.sendAsync(request, BodyHandlers.discarding()).whenComplete(
        (response, failure) -> ended(failure == null ? response.statusCode() : 0));
  }

  /** A trace of its own, sampled, as the client would begin it: W3C Trace Context. */
  private static String traceParent() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long low = random.nextLong(1, Long.MAX_VALUE);
    long span = random.nextLong(1, Long.MAX_VALUE);
    return String.format(Locale.ROOT, "00-%016x%016x-%016x-01", random.nextLong(), low, span);
  }

  private synchronized void ended(int status) {
    Result r = result;
    result =
        switch (status / 100) {
          case 2 -> new Result(r.ok + 1, r.clientErrors, r.serverErrors, r.failed);
          case 4 -> new Result(r.ok, r.clientErrors + 1, r.serverErrors, r.failed);
          case 5 -> new Result(r.ok, r.clientErrors, r.serverErrors + 1, r.failed);
          default -> new Result(r.ok, r.clientErrors, r.serverErrors, r.failed + 1);
        };
    underWay--;
    notifyAll();
  }

  /** No more requests; waits for those under way, at most {@code limit}: what has no answer then has failed. */
  synchronized Result finish(Duration limit) throws InterruptedException {
    finished = true;
    long end = System.nanoTime() + limit.toNanos();
    for (long left = 1; underWay > 0 && left > 0; left = (end - System.nanoTime()) / 1_000_000) wait(left);
    return new Result(result.ok, result.clientErrors, result.serverErrors, result.failed + underWay);
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
