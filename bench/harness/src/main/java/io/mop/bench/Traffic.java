package io.mop.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One client on one keep-alive connection: requests one after the other at a fixed rate. */
final class Traffic implements AutoCloseable {
  private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HttpRequest request;
  private final long pause;
  private final Thread thread = new Thread(this::run, "bench-traffic");
  private volatile boolean closed;
  private volatile long answered;
  private volatile long failed;

  Traffic(int port, int perSecond) {
    request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/orders")).timeout(Duration.ofSeconds(10)).build();
    pause = TimeUnit.SECONDS.toNanos(1) / perSecond;
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    long due = System.nanoTime();
    while (!closed) {
      try {
        client.send(request, BodyHandlers.discarding());
        answered = answered + 1;
      } catch (IOException e) {
        failed = failed + 1;
      } catch (InterruptedException e) {
        return;
      }
      due += pause;
      for (long wait = due - System.nanoTime(); wait > 0 && !closed; wait = due - System.nanoTime()) LockSupport.parkNanos(wait);
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
