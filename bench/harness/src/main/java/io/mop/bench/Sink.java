package io.mop.bench;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;

/** An OTLP/HTTP server on 127.0.0.1 outside MOP. Takes protobuf bodies with a Content-Length, plain or gzip. */
final class Sink extends Tally implements AutoCloseable {
  private final ServerSocket server;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final Consumer<byte[]> taken;

  /** On a free port. */
  Sink() throws IOException {
    this(body -> {});
  }

  /** @param taken is given each request that was counted, before the answer; called by several threads */
  Sink(Consumer<byte[]> taken) throws IOException {
    this.taken = taken;
    server = new ServerSocket();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
    thread(this::accept);
  }

  /** Base URL. */
  String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  private void accept() {
    while (true) {
      try {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        connections.add(socket);
        thread(() -> serve(socket));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream(), 64 << 10);
      OutputStream out = socket.getOutputStream();
      byte[] ok = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n"
          .getBytes(StandardCharsets.ISO_8859_1);
      byte[] bad = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);
      while (!line(in).isEmpty()) out.write(one(in) ? ok : bad);
    } catch (IOException e) {
      // The client, or close(), ended the connection.
    } finally {
      connections.remove(socket);
    }
  }

  private boolean one(InputStream in) throws IOException {
    int length = 0;
    boolean gzip = false;
    for (String h = line(in); !h.isEmpty(); h = line(in)) {
      String lower = h.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) length = Integer.parseInt(lower.substring(15).strip());
      if (lower.startsWith("content-encoding:")) gzip = lower.contains("gzip");
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length) throw new IOException("ends within a body");
    if (gzip) {
      try (InputStream inflated = new GZIPInputStream(new ByteArrayInputStream(body), 32 << 10)) {
        body = inflated.readAllBytes();
      }
    }
    if (!take(body)) return false;
    taken.accept(body);
    return true;
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) if (c != '\r') line.append((char) c);
    return line.toString();
  }

  private static void thread(Runnable task) {
    Thread t = new Thread(task, "bench-sink");
    t.setDaemon(true);
    t.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket s : connections) s.close();
  }
}
