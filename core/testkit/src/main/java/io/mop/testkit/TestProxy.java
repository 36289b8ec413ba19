package io.mop.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/**
 * An HTTP proxy on a free port of 127.0.0.1: CONNECT, and requests for whole http URLs with a Content-Length. Whatever
 * host is asked for, it connects to 127.0.0.1, so that a test can prove with a name nobody knows that the proxy was
 * used.
 */
public final class TestProxy implements AutoCloseable {
  private final ServerSocket server;
  private final Thread acceptor;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private volatile Optional<String> expected = Optional.empty();
  private volatile boolean closed;

  public TestProxy() {
    try {
      server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    acceptor = thread(this::accept);
  }

  /** From now on 407 for everybody else. */
  public TestProxy expect(String user, String password) {
    byte[] both = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    expected = Optional.of("Basic " + Base64.getEncoder().encodeToString(both));
    return this;
  }

  public int port() {
    return server.getLocalPort();
  }

  /** The first lines of all requests, those refused too: {@code CONNECT h:443 HTTP/1.1}. */
  public List<String> asked() {
    return List.copyOf(asked);
  }

  @Override
  public void close() {
    closed = true;
    try {
      server.close();
      acceptor.join();
      for (Socket s : sockets) s.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void accept() {
    while (!closed) {
      try {
        Socket client = opened(server.accept());
        thread(() -> serve(client));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private Socket opened(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    sockets.add(socket);
    return socket;
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = new BufferedInputStream(client.getInputStream());
      OutputStream out = client.getOutputStream();
      while (one(in, out)) out.flush();
    } catch (IOException e) {
      // An end of the connection.
    } finally {
      sockets.remove(client);
    }
  }

  /** Returns false when the connection has served its purpose. */
  private boolean one(InputStream in, OutputStream out) throws IOException {
    List<String> head = head(in);
    asked.add(head.get(0));
    byte[] body = in.readNBytes(length(head));
    String[] request = head.get(0).split(" ");
    boolean connect = request[0].equals("CONNECT");
    if (expected.isPresent() && !expected.equals(header(head, "proxy-authorization"))) {
      out.write(("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"test\"\r\n"
          + "Content-Length: 0\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
      return !connect;
    }
    URI url = URI.create(connect ? "//" + request[1] : request[1]);
    try (Socket peer = opened(new Socket(InetAddress.getLoopbackAddress(), url.getPort()))) {
      if (!connect) {
        forward(head, url, body, peer, out);
        return true;
      }
      out.write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      Thread back = thread(() -> copy(peer, out));
      try {
        in.transferTo(peer.getOutputStream());
        peer.shutdownOutput();
        back.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return false;
    } catch (ConnectException e) {
      out.write("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      return !connect;
    }
  }

  private static void forward(List<String> head, URI url, byte[] body, Socket peer, OutputStream out)
      throws IOException {
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    String headers =
        head.stream().skip(1)
            .filter(h -> !h.toLowerCase(Locale.ROOT).startsWith("proxy-"))
            .collect(Collectors.joining("\r\n"));
    String first = head.get(0).split(" ")[0] + " " + url.getRawPath() + query + " HTTP/1.1\r\n";
    peer.getOutputStream().write((first + headers + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    peer.getOutputStream().write(body);
    InputStream answer = new BufferedInputStream(peer.getInputStream());
    List<String> said = head(answer);
    out.write((String.join("\r\n", said) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.write(answer.readNBytes(length(said)));
  }

  private static void copy(Socket from, OutputStream to) {
    try {
      from.getInputStream().transferTo(to);
    } catch (IOException e) {
      // An end of the connection.
    }
  }

  /** The lines before the empty one. */
  private static List<String> head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) throw new EOFException();
      head.write(b);
    }
    return head.toString(StandardCharsets.ISO_8859_1).lines().filter(l -> !l.isEmpty()).toList();
  }

  private static int length(List<String> head) {
    return header(head, "content-length").map(Integer::parseInt).orElse(0);
  }

  private static Optional<String> header(List<String> head, String name) {
    return head.stream().filter(h -> h.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(h -> h.substring(name.length() + 1).strip()).findFirst();
  }

  private static Thread thread(Runnable task) {
    Thread t = new Thread(task, "test-proxy");
    t.setDaemon(true);
    t.start();
    return t;
  }
}
