package io.mop.itest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests of all kinds to one nginx over keep-alive connections, which are opened at once and have a thread each.
 * Every request has a path of its own, which begins with its kind and holds the marker.
 */
final class Traffic implements AutoCloseable {
  private static final byte[] NOTHING = {};

  private final String marker;
  private final List<HttpConnection> connections = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger number = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> answered = new ConcurrentLinkedQueue<>();
  private final List<Future<?>> endless = new ArrayList<>();
  private volatile boolean ending;

  Traffic(int port, String marker, int connections) {
    this.marker = marker;
    try {
      for (int i = 0; i < connections; i++) this.connections.add(new HttpConnection(port));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes so many requests and returns when all are answered. */
  void run(int requests) {
    AtomicInteger left = new AtomicInteger(requests);
    List<Future<?>> running = new ArrayList<>();
    for (HttpConnection c : connections) {
      running.add(
          threads.submit(
              () -> {
                while (left.getAndDecrement() > 0) request(c);
                return null;
              }));
    }
    join(running);
  }

  /** Makes requests, a few hundred a second, until {@link #end}. */
  void begin() {
    for (HttpConnection c : connections) {
      endless.add(
          threads.submit(
              () -> {
                while (!ending) {
                  request(c);
                  LockSupport.parkNanos(8_000_000);
                }
                return null;
              }));
    }
  }

  /** Waits for the last answers. */
  void end() {
    ending = true;
    join(endless);
  }

  /** One request of the first kind, on the first connection. */
  void plain() {
    try {
      exchange(connections.get(0), "GET", "/plain/" + marker + "-" + number.incrementAndGet(), "", NOTHING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void join(List<Future<?>> running) {
    for (Future<?> f : running) {
      try {
        f.get();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      } catch (ExecutionException e) {
        throw new AssertionError("a request was not answered", e.getCause());
      }
    }
  }

  private void request(HttpConnection c) throws IOException {
    int n = number.incrementAndGet();
    String id = "/" + marker + "-" + n;
    switch (n % 8) {
      case 0 -> exchange(c, "GET", "/plain" + id, "", NOTHING);
      case 1 -> exchange(c, "GET", "/chunked" + id, "Accept-Encoding: gzip\r\n", NOTHING);
      case 2 -> exchange(c, "HEAD", "/plain" + id, "", NOTHING);
      case 3 -> exchange(c, "GET", "/missing" + id, "", NOTHING);
      case 4 -> exchange(c, "GET", "/busy" + id, "", NOTHING);
      case 5 -> exchange(c, "POST", "/post" + id, "", new byte[1 + n * 37 % 40_000]);
      case 6 -> exchange(c, "HEAD", "/chunked" + id, "Accept-Encoding: gzip\r\n", NOTHING);
      default -> exchange(c, "GET", "/big" + id, "", NOTHING);
    }
  }

  private void exchange(HttpConnection c, String method, String path, String headers, byte[] body)
      throws IOException {
    int status = c.exchange(method, path, headers, body);
    answered.add(method + " " + path + " " + status);
  }

  /** Of each answered request {@code METHOD PATH STATUS}, in no order. */
  List<String> answered() {
    return List.copyOf(answered);
  }

  int count() {
    return answered.size();
  }

  @Override
  public void close() {
    ending = true;
    threads.shutdown();
    try {
      for (HttpConnection c : connections) c.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
