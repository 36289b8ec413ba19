package io.mop.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import javax.net.SocketFactory;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Load in a process of its own: {@code URL SPANS_PER_SECOND SECONDS plain|gzip}, 0 = as much as is taken. Sends
 * prepared bytes as gRPC calls, {@link #IN_FLIGHT} at one time on one connection; repeats what was refused. Prints
 * {@code acked SPANS REFUSED}.
 */
final class Generator {
  private static final int IN_FLIGHT = 32;
  private static final MediaType GRPC = MediaType.get("application/grpc");

  private final OkHttpClient client =
      new OkHttpClient.Builder()
          .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
          .socketFactory(new NoDelay())
          .callTimeout(30, TimeUnit.SECONDS)
          .retryOnConnectionFailure(false)
          .build();
  private final String url;
  private final Payload payload = new Payload();
  private final boolean gzip;
  private final AtomicLong next = new AtomicLong();
  private final AtomicLong acked = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  private Generator(String url, boolean gzip) {
    this.gzip = gzip;
    this.url = url + "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  }

  /** @param args base URL, spans a second, seconds, encoding */
  public static void main(String[] args) throws InterruptedException {
    Generator generator = new Generator(args[0], args[3].equals("gzip"));
    long rate = Long.parseLong(args[1]);
    long start = System.nanoTime();
    long end = start + TimeUnit.SECONDS.toNanos(Long.parseLong(args[2]));
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < IN_FLIGHT; i++) {
      Thread t = new Thread(() -> generator.run(rate, start, end), "bench-generator-" + i);
      threads.add(t);
      t.start();
    }
    for (Thread t : threads) t.join();
    System.out.println("acked " + generator.acked + " " + generator.refused);
    System.exit(0); // The client's threads do not end soon.
  }

  private void run(long rate, long start, long end) {
    while (System.nanoTime() < end) {
      long number = next.getAndIncrement();
      if (rate > 0) {
        long due = start + number * Payload.SPANS * TimeUnit.SECONDS.toNanos(1) / rate;
        if (due >= end) return;
        for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) LockSupport.parkNanos(wait);
      }
      byte[] plain = payload.of(1 + number * Payload.SPANS);
      byte[] body = gzip ? Payload.gzip(plain) : plain;
      while (!export(body)) {
        refused.incrementAndGet();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
      }
      acked.addAndGet(Payload.SPANS);
    }
  }

  private boolean export(byte[] body) {
    Request.Builder builder = new Request.Builder().url(url).header("te", "trailers");
    if (gzip) builder.header("grpc-encoding", "gzip");
    Request request = builder.post(RequestBody.create(body, GRPC)).build();
    try (Response response = client.newCall(request).execute()) {
      response.body().bytes();
      String status = response.header("grpc-status");
      return "0".equals(status == null ? response.trailers().get("grpc-status") : status);
    } catch (IOException e) {
      return false;
    }
  }

  /** Without delays on the client's side: Nagle's algorithm holds a call's data until its headers are acknowledged. */
  private static final class NoDelay extends SocketFactory {
    @Override
    public Socket createSocket() throws IOException {
      Socket socket = new Socket();
      socket.setTcpNoDelay(true);
      return socket;
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
      throw new IOException("not connected by name");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {
      throw new IOException("not connected by name");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
      throw new IOException("connected later");
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {
      throw new IOException("connected later");
    }
  }
}
