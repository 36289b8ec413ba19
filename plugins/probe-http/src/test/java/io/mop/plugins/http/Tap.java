package io.mop.plugins.http;

import io.mop.api.capture.Protocol;
import io.mop.api.data.Text;
import io.mop.api.plugin.Size;
import io.mop.capture.Capture;
import io.mop.capture.Limits;
import io.mop.capture.NamedProtocol;
import io.mop.capture.Processes;
import io.mop.capture.Record;
import io.mop.capture.Resource;
import io.mop.capture.SpanSink;
import io.mop.testkit.TestContext;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One connection as the kernel would record it, the real capture core, and the spans that come out. */
final class Tap implements SpanSink, Processes {
  static final int PORT = 8080;

  final List<Map<String, String>> spans = new ArrayList<>();
  final TestContext context = new TestContext("protocols.http");
  final Capture capture;
  private final Resource process = new Resource(1, 1, Map.of());
  private Map<String, String> span = Map.of();
  private final boolean server;
  private long conn = 1;
  private long now = 1000;
  private int seq;
  private int tx;
  private int rx;

  private Tap(boolean server, int maxHead) {
    this.server = server;
    capture = new Capture(this, Limits.standard(), t -> t, this);
    Protocol http = new HttpProbe().create(new HttpProbe.Config(new Size(maxHead)), context);
    capture.protocols(List.of(new NamedProtocol("http", http)));
    connect();
  }

  static Tap server() {
    return new Tap(true, 16 << 10);
  }

  static Tap client() {
    return new Tap(false, 16 << 10);
  }

  static Tap server(int maxHead) {
    return new Tap(true, maxHead);
  }

  /** Starts another connection. */
  Tap connect() {
    conn++;
    seq = 0;
    tx = -100;
    rx = Integer.MAX_VALUE - 100;
    ByteBuffer b = ByteBuffer.allocate(Record.OPEN_LENGTH).order(ByteOrder.nativeOrder());
    b.putInt(0, 1).putShort(4, (short) 2);
    b.putShort(6, (short) (server ? PORT : 50_000)).putShort(8, (short) (server ? 50_000 : PORT));
    b.put(16, new byte[] {127, 0, 0, 1}).put(32, new byte[] {127, 0, 0, 2});
    return put(Record.OPEN, 0, 0, b.array(), Record.OPEN_LENGTH, 0);
  }

  Tap request(String s) {
    return data(true, bytes(s), s.length());
  }

  Tap response(String s) {
    return data(false, bytes(s), s.length());
  }

  /** {@code cap} of the bytes are captured. */
  Tap data(boolean request, byte[] bytes, int cap) {
    int dir = request == server ? Record.RECV : Record.SEND;
    pass(dir, bytes.length);
    return put(Record.DATA, dir, bytes.length, bytes, cap, seq++);
  }

  /** The record of these bytes is dropped. */
  Tap lose(boolean request, int n) {
    seq++;
    pass(request == server ? Record.RECV : Record.SEND, n);
    return this;
  }

  private void pass(int dir, int n) {
    if (dir == Record.RECV) rx += n;
    else tx += n;
  }

  Tap later(long nanos) {
    now += nanos;
    return this;
  }

  Tap eof() {
    rx++;
    return put(Record.EOF, Record.RECV, 0, new byte[0], 0, seq++);
  }

  Tap close() {
    return put(Record.CLOSE, 0, 0, new byte[0], 0, 0);
  }

  private Tap put(int kind, int dir, int len, byte[] payload, int cap, int seq) {
    now += 1000;
    ByteBuffer b = ByteBuffer.allocate(Record.HEADER + cap).order(ByteOrder.nativeOrder());
    b.putLong(Record.TS, now).putLong(Record.CONN, conn).putInt(Record.TID, 1).putInt(Record.LEN, len);
    b.putShort(Record.CAP, (short) cap).put(Record.DIR, (byte) dir).put(Record.KIND, (byte) kind);
    b.putInt(Record.SEQ, seq).putInt(Record.TX, tx).putInt(Record.RX, rx);
    b.put(Record.HEADER, payload, 0, cap);
    capture.accept(new Record().wrap(b, 0));
    return this;
  }

  static byte[] bytes(String s) {
    return s.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Of each span method, path and status, e.g. {@code GET /a 200}. */
  List<String> exchanges() {
    return spans.stream()
        .map(s -> s.get("http.request.method") + " " + s.get("url.path") + " " + s.get("http.response.status_code"))
        .toList();
  }

  long count(String name) {
    return capture.counters().get(name);
  }

  @Override
  public void begin(Resource p, long high, long low, long id, long parent, int kind, long start, long end) {
    span = new TreeMap<>();
    span.put("kind", kind == SERVER ? "server" : "client");
    span.put("duration", Long.toString(end - start));
    if (parent != 0) span.put("parent", "%016x%016x-%016x".formatted(high, low, parent));
  }

  @Override
  public void name(Text name) {
    span.put("name", name.toString());
  }

  @Override
  public void attribute(String name, Text value) {
    span.put(name, value.toString());
  }

  @Override
  public void attribute(String name, long value) {
    span.put(name, Long.toString(value));
  }

  @Override
  public void status(int code) {
    span.put("status", Integer.toString(code));
  }

  @Override
  public void end() {
    spans.add(span);
  }

  @Override
  public void flush() {}

  @Override
  public Resource resource(int tgid) {
    return process;
  }

  @Override
  public boolean listens(int tgid, int port) {
    return port == PORT;
  }

  @Override
  public int tgid(int tid) {
    return tid;
  }
}
