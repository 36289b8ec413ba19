package io.mop.itest;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Programs to be observed: {@code serve PORT [NEXT]} answers, after asking NEXT; {@code ask PORT} asks. */
final class ChainMain {
  private static final int THREADS = 64;

  private ChainMain() {}

  public static void main(String[] args) throws Exception {
    if (args[0].equals("serve")) serve(Integer.parseInt(args[1]), args.length > 2 ? Integer.parseInt(args[2]) : 0);
    else ask(Integer.parseInt(args[1]));
  }

  /** A thread for each request that is under way. */
  private static void serve(int port, int next) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), THREADS);
    server.setExecutor(Executors.newFixedThreadPool(THREADS));
    server.createContext("/", exchange -> {
      int status = next == 0 ? 200 : get(next, exchange.getRequestURI().getPath());
      byte[] body = "answer".getBytes();
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
    System.out.println("ready");
  }

  private static int get(int port, String path) throws IOException {
    HttpURLConnection c = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
    try (var in = c.getInputStream()) {
      in.readAllBytes();
    }
    return c.getResponseCode();
  }

  /** For each line {@code PREFIX CONNECTIONS REQUESTS} asks so often on each of the connections, each at once. */
  private static void ask(int port) throws Exception {
    System.out.println("ready");
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = lines.readLine()) != null; ) {
      String[] words = line.split(" ");
      int requests = Integer.parseInt(words[2]);
      List<Future<?>> running = new ArrayList<>();
      ExecutorService threads = Executors.newCachedThreadPool();
      for (int i = 0; i < Integer.parseInt(words[1]); i++) {
        String prefix = words[0] + "/" + i + "-";
        running.add(threads.submit(() -> {
          try (HttpConnection c = new HttpConnection(port)) {
            for (int n = 0; n < requests; n++) {
              if (c.exchange("GET", prefix + n, "", new byte[0]) != 200) throw new IOException(prefix + n);
            }
          }
          return null;
        }));
      }
      for (Future<?> f : running) f.get();
      threads.shutdown();
      System.out.println("done");
    }
  }
}
