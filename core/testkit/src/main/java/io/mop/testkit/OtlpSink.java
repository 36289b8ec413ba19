package io.mop.testkit;

import io.mop.api.net.ReloadingTls;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLSocket;

/**
 * An OTLP/HTTP server on 127.0.0.1 that counts what it took: items, distinct span ids and a checksum over them. It
 * takes protobuf bodies, plain, gzip or as {@link #decoding} says, by Content-Length or chunked, on keep-alive
 * connections of one thread each. It can be told to answer badly, see {@link Answer}; what it refused it has not
 * counted.
 */
public final class OtlpSink implements AutoCloseable {
  /**
   * How to answer one request.
   *
   * @param held true = not before {@link #release}
   * @param delay before the answer, zero = at once
   * @param rejected of a partial success: so many items, the last ones of the request, are not taken
   */
  public record Answer(
      int status, Map<String, String> headers, byte[] body, Duration delay, boolean held, int rejected) {
    public static Answer ok() {
      return status(200);
    }

    /** With an empty body. */
    public static Answer status(int status) {
      return new Answer(status, Map.of("Content-Type", "application/x-protobuf"), new byte[0], Duration.ZERO, false, 0);
    }

    /** 503 with Retry-After as given: seconds or an HTTP date. */
    public static Answer busy(String retryAfter) {
      return status(503).header("Retry-After", retryAfter);
    }

    /** 200 with a partial success. */
    public static Answer partial(int rejected, String message) {
      Answer ok = ok();
      byte[] body = OtlpScan.partialSuccess(rejected, message);
      return new Answer(200, ok.headers, body, ok.delay, ok.held, rejected);
    }

    public Answer header(String name, String value) {
      Map<String, String> more = new HashMap<>(headers);
      more.put(name, value);
      return new Answer(status, more, body, delay, held, rejected);
    }

    public Answer body(String type, byte[] bytes) {
      return new Answer(status, header("Content-Type", type).headers, bytes, delay, held, rejected);
    }

    public Answer after(Duration wait) {
      return new Answer(status, headers, body, wait, held, rejected);
    }

    public Answer hold() {
      return new Answer(status, headers, body, delay, true, rejected);
    }
  }

  /**
   * One request.
   *
   * @param headers names in lower case
   * @param body inflated
   */
  public record Request(String path, Map<String, String> headers, byte[] body) {}

  /** Makes a stream of what is compressed in another one. */
  public interface Decoding {
    InputStream open(InputStream compressed) throws IOException;
  }

  private final ServerSocket server;
  private final Thread acceptor;
  private final Set<Socket> connections = new HashSet<>();
  private final Deque<Answer> next = new ArrayDeque<>();
  private final List<Request> kept = new ArrayList<>();
  private final List<byte[]> taken = new ArrayList<>();
  private final Map<String, Decoding> decodings = new ConcurrentHashMap<>(Map.of("gzip", GZIPInputStream::new));
  private final OtlpScan.Count count = new OtlpScan.Count();
  private Answer always = Answer.ok();
  private volatile Optional<ReloadingTls> tls = Optional.empty();
  private boolean keep;
  private boolean closed;
  private long requests;
  private long accepted;
  private long released;
  private long opened;

  /** On a free port. */
  public OtlpSink() {
    this(0);
  }

  /** On {@code port}, e.g. one that another sink had. */
  public OtlpSink(int port) {
    try {
      server = new ServerSocket();
      server.setReuseAddress(true);
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    acceptor = thread("accept", this::accept);
  }

  public int port() {
    return server.getLocalPort();
  }

  /** Base URL, {@code http://127.0.0.1:port}, with TLS https. */
  public String url() {
    return (tls.isPresent() ? "https" : "http") + "://127.0.0.1:" + port();
  }

  /** From now on connections must use TLS, with the certificates of {@code server}. */
  public OtlpSink tls(ReloadingTls server) {
    tls = Optional.of(server);
    return this;
  }

  /** For the next requests, in order; after them {@link #always}. */
  public synchronized OtlpSink next(Answer... answers) {
    next.addAll(List.of(answers));
    return this;
  }

  public synchronized OtlpSink always(Answer answer) {
    always = answer;
    return this;
  }

  /** Takes bodies of that Content-Encoding, beside gzip. */
  public OtlpSink decoding(String encoding, Decoding decoding) {
    decodings.put(encoding, decoding);
    return this;
  }

  /** From now on {@link #kept} and {@link #taken} have what came. */
  public synchronized OtlpSink keepRequests() {
    keep = true;
    return this;
  }

  /** Lets the answers held so far go. */
  public synchronized void release() {
    released = requests;
    notifyAll();
  }

  /** Requests read to their end, taken or not. */
  public synchronized long requests() {
    return requests;
  }

  /** Requests that were taken. */
  public synchronized long accepted() {
    return accepted;
  }

  public synchronized long connections() {
    return opened;
  }

  /** Every request read to its end, taken or not. */
  public synchronized List<Request> kept() {
    return List.copyOf(kept);
  }

  /** The spans of all requests taken, in order; those that a partial success left out are among them. */
  public List<TestSpan> taken() {
    List<byte[]> bodies;
    synchronized (this) {
      bodies = List.copyOf(taken);
    }
    return bodies.stream().flatMap(body -> TestSpan.spans(body).stream()).toList();
  }

  public synchronized long spans() {
    return count.spans;
  }

  public synchronized long points() {
    return count.points;
  }

  public synchronized long logs() {
    return count.logs;
  }

  /** Different ids of the spans taken; less than {@link #spans} means repeated ones. */
  public synchronized long distinctSpanIds() {
    return count.ids.size();
  }

  /** Sum of {@link #mix} over the span ids taken, in any order, repeated ones each time. */
  public synchronized long checksum() {
    return count.checksum;
  }

  /** What one span id (8 bytes, big-endian) adds to {@link #checksum}: the finaliser of SplitMix64. */
  public static long mix(long spanId) {
    return OtlpScan.mix(spanId);
  }

  /** Waits until that many spans were taken. */
  public void awaitSpans(long n, Duration limit) {
    await(() -> count.spans >= n, n + " spans", limit);
  }

  /** Waits until that many requests were read, whatever the answer. */
  public void awaitRequests(long n, Duration limit) {
    await(() -> requests >= n, n + " requests", limit);
  }

  private synchronized void await(BooleanSupplier condition, String what, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError(
            "no " + what + " within " + limit + ": " + count.spans + " spans in " + requests + " requests");
      }
      waitMillis(left);
    }
  }

  private synchronized void waitMillis(long millis) {
    try {
      wait(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends the server and its connections; the counters stay. */
  @Override
  public void close() {
    List<Socket> open;
    synchronized (this) {
      closed = true;
      open = List.copyOf(connections);
      notifyAll();
    }
    try {
      server.close();
      for (Socket s : open) s.close();
      acceptor.join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void accept() {
    while (true) {
      Socket socket;
      try {
        socket = server.accept();
        socket.setTcpNoDelay(true);
        if (!add(socket)) {
          socket.close(); // came in while close() was under way
          return;
        }
      } catch (IOException e) {
        return; // closed
      }
      thread("connection", () -> serve(socket));
    }
  }

  private synchronized boolean add(Socket socket) {
    if (closed) return false;
    opened++;
    return connections.add(socket);
  }

  private void serve(Socket socket) {
    try (socket; Socket clear = tls.isPresent() ? decrypting(socket, tls.get()) : socket) {
      InputStream in = new BufferedInputStream(clear.getInputStream(), 64 << 10);
      OutputStream out = new BufferedOutputStream(clear.getOutputStream());
      while (one(in, out)) out.flush();
    } catch (IOException e) {
      // The client, or close(), ended the connection.
    } finally {
      synchronized (this) {
        connections.remove(socket);
      }
    }
  }

  private static Socket decrypting(Socket socket, ReloadingTls tls) throws IOException {
    SSLSocket clear = (SSLSocket) tls.sslContext().getSocketFactory().createSocket(socket, null, true);
    clear.setUseClientMode(false);
    clear.setSSLParameters(tls.parameters());
    return clear;
  }

  private boolean one(InputStream in, OutputStream out) throws IOException {
    String line = HttpReader.line(in);
    if (line.isEmpty()) return false;
    String[] parts = line.split(" ");
    Map<String, String> headers = new HashMap<>();
    for (String h = HttpReader.line(in); !h.isEmpty(); h = HttpReader.line(in)) {
      int colon = h.indexOf(':');
      headers.put(h.substring(0, colon).toLowerCase(Locale.ROOT), h.substring(colon + 1).strip());
    }
    byte[] body = inflate(HttpReader.body(in, headers), headers.getOrDefault("content-encoding", ""));
    Answer answer = decide(parts[0], parts[1], headers, body);
    StringBuilder head = new StringBuilder("HTTP/1.1 " + answer.status + " -\r\n");
    answer.headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
    head.append("Content-Length: ").append(answer.body.length).append("\r\n\r\n");
    out.write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    out.write(answer.body);
    return true;
  }

  private synchronized Answer decide(String method, String path, Map<String, String> headers, byte[] body) {
    long number = ++requests;
    if (keep) kept.add(new Request(path, headers, body));
    notifyAll();
    Answer answer = next.isEmpty() ? always : next.poll();
    long due = System.nanoTime() + answer.delay.toNanos();
    for (long left = due - System.nanoTime(); left > 0 && !closed; left = due - System.nanoTime()) {
      waitMillis(left / 1_000_000 + 1);
    }
    while (answer.held && released < number && !closed) waitMillis(60_000);
    if (!method.equals("POST")) return Answer.status(405);
    if (!"application/x-protobuf".equals(headers.get("content-type"))) return Answer.status(415);
    if (answer.status / 100 != 2) return answer;
    try {
      // Twice: the first reading finds bad bytes before anything is counted.
      OtlpScan.Count items = new OtlpScan.Count();
      OtlpScan.scan(path, body, items, Long.MAX_VALUE);
      OtlpScan.scan(path, body, count, items.items() - answer.rejected);
    } catch (IllegalArgumentException e) {
      return Answer.status(400);
    }
    accepted++;
    if (keep && path.equals("/v1/traces")) taken.add(body);
    notifyAll();
    return answer;
  }

  private byte[] inflate(byte[] body, String encoding) throws IOException {
    Decoding decoding = decodings.getOrDefault(encoding, compressed -> compressed);
    try (InputStream in = decoding.open(new ByteArrayInputStream(body))) {
      return in.readAllBytes();
    }
  }

  private static Thread thread(String name, Runnable task) {
    Thread t = new Thread(task, "otlp-sink-" + name);
    t.setDaemon(true);
    t.start();
    return t;
  }
}
