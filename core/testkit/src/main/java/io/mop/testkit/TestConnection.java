package io.mop.testkit;

import io.mop.api.capture.Protocol;
import io.mop.capture.Capture;
import io.mop.capture.Counters;
import io.mop.capture.Limits;
import io.mop.capture.NamedProtocol;
import io.mop.capture.Processes;
import io.mop.capture.Record;
import io.mop.capture.RecordTo;
import io.mop.capture.Resource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One connection as the kernel would record it, the capture core that MOP runs, and the spans that come out; no root
 * and no kernel. Every call to {@link #request}, {@link #response} or {@link #data} is one system call of the observed
 * process, 1 µs after the one before.
 */
public final class TestConnection {
  /** Port of the server; the client has {@link #CLIENT_PORT}. */
  public static final int SERVER_PORT = 8080;
  /** The observed process has the address 127.0.0.1, its peer 127.0.0.2. */
  public static final int CLIENT_PORT = 50_000;

  private static final long TICK = 1000;

  private final boolean server;
  private final Capture capture;
  private final CollectedSpans sink = new CollectedSpans();
  private long connection = 1;
  private long now = TICK;
  private int sequence;
  private int sent;
  private int received;

  private TestConnection(Protocol protocol, boolean server) {
    this.server = server;
    capture = new Capture(sink, Limits.standard(), t -> TestContext.NOW + t, new OneProcess());
    capture.protocols(List.of(new NamedProtocol("test", protocol)));
    connect();
  }

  /** The observed process is the server: its spans are of kind SERVER. */
  public static TestConnection atServer(Protocol protocol) {
    return new TestConnection(protocol, true);
  }

  /** The observed process is the client: its spans are of kind CLIENT. */
  public static TestConnection atClient(Protocol protocol) {
    return new TestConnection(protocol, false);
  }

  /** From here on it is another connection, seen from its start. */
  public TestConnection connect() {
    connection++;
    sequence = 0;
    // Positions that wrap soon, as those of a kernel may.
    sent = -100;
    received = Integer.MAX_VALUE - 100;
    ByteBuffer b = ByteBuffer.allocate(Record.OPEN_LENGTH).order(ByteOrder.nativeOrder());
    b.putInt(0, 1).putShort(4, (short) 2);
    b.putShort(6, (short) (server ? SERVER_PORT : CLIENT_PORT));
    b.putShort(8, (short) (server ? CLIENT_PORT : SERVER_PORT));
    b.put(16, new byte[] {127, 0, 0, 1}).put(32, new byte[] {127, 0, 0, 2});
    return put(Record.OPEN, 0, 0, b.array(), Record.OPEN_LENGTH, 0);
  }

  /** From the next {@link #connect} on all is recorded, until {@link #stop}. */
  TestConnection record(Path file, boolean raw) {
    try {
      capture.record(new RecordTo(file, raw, 1L << 30, 1), "test");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return connect();
  }

  void stop() {
    capture.close();
  }

  /** Bytes from the client to the server; each char is one byte (ISO 8859-1). */
  public TestConnection request(String bytes) {
    return data(true, bytes(bytes), bytes.length());
  }

  /** Bytes from the server to the client; each char is one byte (ISO 8859-1). */
  public TestConnection response(String bytes) {
    return data(false, bytes(bytes), bytes.length());
  }

  /** Bytes of which only the first {@code captured} are seen; the others are known to exist. */
  public TestConnection data(boolean request, byte[] bytes, int captured) {
    int direction = direction(request);
    pass(direction, bytes.length);
    return put(Record.DATA, direction, bytes.length, bytes, captured, sequence++);
  }

  /** {@code n} bytes pass, and their record is lost: nothing of them is seen. */
  public TestConnection lose(boolean request, int n) {
    sequence++;
    pass(direction(request), n);
    return this;
  }

  /**
   * A request of a client whose record is written after those of {@code meanwhile}, e.g. of its response: the kernel
   * writes the record of a send when the call returns, and the peer may be faster.
   */
  public TestConnection lateRequest(String bytes, Runnable meanwhile) {
    if (server) throw new IllegalStateException("only what is sent is recorded late, and a server receives requests");
    pass(Record.SEND, bytes.length());
    int position = sent;
    meanwhile.run();
    int later = sent;
    sent = position;
    put(Record.DATA, Record.SEND, bytes.length(), bytes(bytes), bytes.length(), sequence++);
    sent = later;
    return this;
  }

  /** Nothing passes for so many nanoseconds. */
  public TestConnection later(long nanos) {
    now += nanos;
    return this;
  }

  /** The peer has closed its direction: the observed process reads the end. */
  public TestConnection end() {
    received++;
    return put(Record.EOF, Record.RECV, 0, new byte[0], 0, sequence++);
  }

  /** The server closes: to the client its end, at the server that of the connection. */
  public TestConnection serverCloses() {
    return server ? close() : end();
  }

  /** The observed process closes the connection. */
  public TestConnection close() {
    return put(Record.CLOSE, 0, 0, new byte[0], 0, 0);
  }

  /** All records there are were read: what was waited for is given up, and gauges are up to date. */
  public TestConnection drain() {
    capture.drained(now);
    return this;
  }

  /**
   * The spans so far, in order of completion. Ids that the core draws are 0: that of the span, and of the trace unless
   * the request told the parent.
   */
  public List<TestSpan> spans() {
    return List.copyOf(sink.spans);
  }

  /** Forgets the spans so far; for tests of very many. */
  public void forgetSpans() {
    sink.spans.clear();
  }

  /**
   * A counter of the core by its name, e.g. {@code exchanges_completed}; of one with reasons the sum.
   *
   * @throws IllegalArgumentException if the core has no such counter
   */
  public long count(String name) {
    return capture.counters().get(name);
  }

  /**
   * A counter of the core for one reason, e.g. {@code exchanges_incomplete} and {@code cut}.
   *
   * @throws IllegalArgumentException if the core has no such counter with reasons
   */
  public long count(String name, String reason) {
    return capture.counters().get(name, reason);
  }

  /** All counters of the core, as {@code name} or {@code name{reason}}. */
  public Map<String, Long> counters() {
    return capture.counters().snapshot();
  }

  /** @throws AssertionError if the decoder has thrown, or not every exchange is accounted for */
  public TestConnection check() {
    drain();
    if (count(Counters.DECODER_FAILURES) > 0) {
      throw new AssertionError("the decoder or the sniffer threw; the log says what and where");
    }
    long ended = count(Counters.EXCHANGES_COMPLETED) + count(Counters.EXCHANGES_INCOMPLETE)
        + count(Counters.EXCHANGES_DISCARDED) + count(Counters.EXCHANGES_IN_FLIGHT);
    if (count(Counters.EXCHANGES) != ended) throw new AssertionError("exchanges do not add up: " + counters());
    return this;
  }

  boolean observesServer() {
    return server;
  }

  private int direction(boolean request) {
    return request == server ? Record.RECV : Record.SEND;
  }

  private void pass(int direction, int n) {
    if (direction == Record.RECV) received += n;
    else sent += n;
  }

  private TestConnection put(int kind, int direction, int length, byte[] payload, int captured, int number) {
    now += TICK;
    ByteBuffer b = ByteBuffer.allocate(Record.HEADER + captured).order(ByteOrder.nativeOrder());
    b.putLong(Record.TS, now).putLong(Record.CONN, connection).putInt(Record.TID, 1).putInt(Record.LEN, length);
    b.putShort(Record.CAP, (short) captured).put(Record.DIR, (byte) direction).put(Record.KIND, (byte) kind);
    b.putInt(Record.SEQ, number).putInt(Record.TX, sent).putInt(Record.RX, received);
    b.put(Record.HEADER, payload, 0, captured);
    capture.accept(new Record().wrap(b, 0));
    return this;
  }

  static byte[] bytes(String s) {
    return s.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static final class OneProcess implements Processes {
    private final Resource resource = new Resource(1, 1, Map.of());

    @Override
    public Resource resource(int tgid) {
      return resource;
    }

    @Override
    public boolean listens(int tgid, int port) {
      return port == SERVER_PORT;
    }

    @Override
    public Optional<Set<Integer>> listening(int tgid) {
      return Optional.of(Set.of(SERVER_PORT));
    }

    @Override
    public int tgid(int tid) {
      return tid;
    }
  }
}
