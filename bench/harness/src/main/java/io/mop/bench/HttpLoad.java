package io.mop.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A client that makes an exact number of requests on keep-alive connections and reads every answer to its end; one
 * thread. Each request has a path of its own, {@code /KIND/NUMBER}.
 */
final class HttpLoad implements AutoCloseable {
  /** Of one in eight each; the others are {@code GET /orders/}. */
  private static final List<String> OTHERS = List.of("GET /missing/", "GET /busy/", "POST /orders/");
  private static final List<String> OTHERS_TIMED =
      List.of("GET /missing/", "GET /busy/", "POST /orders/", "GET /slow/");

  private static final String BODY = "x".repeat(512);

  private final int port;
  private final int depth;
  private final boolean timed;
  private final Selector selector = Selector.open();
  private final List<Connection> connections = new ArrayList<>();
  private final Done done = new Done();
  private int left;
  private int number;

  /** What was answered so far. */
  static final class Done {
    /** Each exchange as {@code METHOD PATH STATUS}. */
    final Lines exchanges = new Lines();
    final Map<Integer, Integer> statuses = new TreeMap<>();
    /** When each was sent and answered, Unix nanoseconds, by its path; only of {@link #timed}. */
    final Map<String, long[]> times = new TreeMap<>();
    long nanos;

    long answered() {
      return exchanges.count();
    }

    double perSecond() {
      return answered() * 1e9 / nanos;
    }
  }

  /**
   * @param depth requests that a connection sends before it reads an answer
   * @param first number of the first request
   */
  HttpLoad(int port, int connections, int depth, int first) throws IOException {
    this(port, connections, depth, first, false);
  }

  private HttpLoad(int port, int connections, int depth, int first, boolean timed) throws IOException {
    this.port = port;
    this.depth = depth;
    this.timed = timed;
    number = first;
    for (int i = 0; i < connections; i++) this.connections.add(new Connection());
  }

  /** One request at a time, with its times; for one in eight nginx takes some milliseconds. */
  static HttpLoad timed(int port, int first) throws IOException {
    return new HttpLoad(port, 1, 1, first, true);
  }

  /** Makes so many requests more; returns when all are answered. */
  Done run(int requests) throws IOException {
    left = requests;
    long target = done.answered() + requests;
    long start = System.nanoTime();
    for (Connection c : connections) c.ask();
    while (done.answered() < target) {
      if (selector.select(60_000) == 0) {
        throw new IOException("no answer within 60 s, " + done.answered() + " of " + target);
      }
      for (SelectionKey key : selector.selectedKeys()) ((Connection) key.attachment()).read();
      selector.selectedKeys().clear();
    }
    done.nanos += System.nanoTime() - start;
    return done;
  }

  @Override
  public void close() throws IOException {
    for (Connection c : connections) c.channel.close();
    selector.close();
  }

  private static long now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  private final class Connection {
    final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(64 << 10);
    private final Deque<String> asked = new ArrayDeque<>();
    private long sent;

    Connection() throws IOException {
      channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true).configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, this);
    }

    void ask() throws IOException {
      if (!asked.isEmpty() || left == 0) return;
      StringBuilder requests = new StringBuilder();
      for (int i = 0; i < depth && left > 0; i++, left--) request(requests);
      ByteBuffer out = ByteBuffer.wrap(requests.toString().getBytes(StandardCharsets.ISO_8859_1));
      sent = timed ? now() : 0;
      channel.write(out);
      if (out.hasRemaining()) throw new IOException("a socket does not take " + requests.length() + " bytes");
    }

    private void request(StringBuilder to) {
      int n = number++;
      List<String> others = timed ? OTHERS_TIMED : OTHERS;
      String line = (n % 8 < others.size() ? others.get(n % 8) : "GET /orders/") + n;
      asked.add(line);
      to.append(line).append(" HTTP/1.1\r\nHost: 127.0.0.1:").append(port).append("\r\nUser-Agent: bench\r\n");
      if (line.startsWith("POST")) to.append("Content-Length: ").append(BODY.length()).append("\r\n\r\n").append(BODY);
      else to.append("\r\n");
    }

    void read() throws IOException {
      if (channel.read(in) < 0) throw new EOFException("the server on port " + port + " closed a connection");
      in.flip();
      while (answer()) continue;
      in.compact();
      if (!in.hasRemaining()) throw new IOException("an answer of more than 64 KiB");
      ask();
    }

    /** Takes one answer, head and Content-Length bytes; false if it is not complete. */
    private boolean answer() throws IOException {
      byte[] b = in.array();
      int from = in.position();
      int head = from;
      while (head < in.limit() - 3 && !(b[head] == '\r' && b[head + 2] == '\r')) head++;
      if (head >= in.limit() - 3) return false;
      String text = new String(b, from, head - from, StandardCharsets.ISO_8859_1);
      int length = contentLength(text);
      if (in.limit() - head - 4 < length) return false;
      in.position(head + 4 + length);
      answered(Integer.parseInt(text.substring(9, 12)));
      return true;
    }

    private static int contentLength(String head) throws IOException {
      for (String line : head.split("\r\n")) {
        if (line.regionMatches(true, 0, "Content-Length:", 0, 15)) return Integer.parseInt(line.substring(15).strip());
      }
      throw new IOException("an answer without Content-Length: " + head);
    }

    private void answered(int status) {
      String line = asked.remove();
      done.exchanges.add(line + " " + status);
      done.statuses.merge(status, 1, Integer::sum);
      if (sent != 0) done.times.put(line.substring(line.indexOf(' ') + 1), new long[] {sent, now()});
    }
  }
}
