package io.mop.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One client on one connection: exchanges one after the other at a fixed rate. */
final class Traffic implements AutoCloseable {
  private final Exchange exchange;
  private final long pause;
  private final Thread thread = new Thread(this::run, "bench-traffic");
  private volatile boolean closed;
  private volatile long answered;
  private volatile long failed;

  /** A request and its answer. */
  @FunctionalInterface
  interface Exchange {
    void make() throws IOException, InterruptedException;
  }

  Traffic(Exchange exchange, int perSecond) {
    this.exchange = exchange;
    pause = TimeUnit.SECONDS.toNanos(1) / perSecond;
    thread.setDaemon(true);
    thread.start();
  }

  /** Requests to an HTTP server on loopback. */
  static Traffic http(int port, int perSecond) {
    return new Traffic(request(port), perSecond);
  }

  /** A request to an HTTP server on loopback, on a keep-alive connection of its own. */
  static Exchange request(int port) {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    URI uri = URI.create("http://127.0.0.1:" + port + "/orders");
    HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
    return () -> client.send(request, BodyHandlers.discarding());
  }

  private void run() {
    long due = System.nanoTime();
    while (!closed) {
      try {
        exchange.make();
        answered = answered + 1;
      } catch (IOException e) {
        failed = failed + 1;
      } catch (InterruptedException e) {
        return;
      }
      due += pause;
      for (long wait = due - System.nanoTime(); wait > 0 && !closed; wait = due - System.nanoTime()) {
        LockSupport.parkNanos(wait);
      }
    }
  }

  long answered() {
    return answered;
  }

  long failed() {
    return failed;
  }

  /** Returns when the request under way has its answer. */
  void finish() throws InterruptedException {
    close();
    thread.join();
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
