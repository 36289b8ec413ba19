package io.mop.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;

/**
 * The JDK's HTTP server, a thread for each request under way: answers 201 to POST, else by the first part of the path,
 * or what another server answers; logs {@code METHOD PATH STATUS}.
 */
public final class JdkServer {
  private static final byte[] BODY = "done\n".getBytes(StandardCharsets.ISO_8859_1);

  private JdkServer() {}

  /**
   * @param args port, file of the log, which is complete when the process has ended by SIGTERM, port of the other
   *     server
   */
  public static void main(String[] args) throws IOException {
    System.setProperty("sun.net.httpserver.nodelay", "true"); // else every answer waits 40 ms for an acknowledgement
    BufferedWriter log = Files.newBufferedWriter(Path.of(args[1]));
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
    HttpServer server = HttpServer.create(address, 256);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/", exchange -> answer(exchange, log, args.length > 2 ? args[2] : ""));
    server.start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server, log)));
  }

  private static void answer(HttpExchange exchange, BufferedWriter log, String next) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String method = exchange.getRequestMethod();
      exchange.getRequestBody().readAllBytes();
      int status = next.isEmpty() ? status(method, path) : ask(next, method, path);
      synchronized (log) {
        log.write(method + " " + path + " " + status + "\n");
      }
      exchange.sendResponseHeaders(status, BODY.length);
      exchange.getResponseBody().write(BODY);
    }
  }

  private static int ask(String port, String method, String path) throws IOException {
    HttpURLConnection c = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
    c.setRequestMethod(method);
    int status = c.getResponseCode();
    try (InputStream body = status < 400 ? c.getInputStream() : c.getErrorStream()) {
      body.readAllBytes(); // then the connection is used again
    }
    return status;
  }

  private static int status(String method, String path) {
    if (method.equals("POST")) return 201;
    if (path.startsWith("/missing/")) return 404;
    return path.startsWith("/busy/") ? 503 : 200;
  }

  private static void close(HttpServer server, BufferedWriter log) {
    server.stop(0);
    try {
      synchronized (log) {
        log.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
