package io.mop.capture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Writes the records that the kernel would write for one connection. */
final class Wire {
  static final int SERVER_PORT = 8080;

  final long conn;
  private final Consumer<Record> to;
  long now = 1_000_000;
  int seq;
  int tx = 0xffff_ff00;
  int rx = 0x7fff_ff00;
  int tgid = 4711;
  boolean positions = true;
  private int data = Record.DATA;

  Wire(long conn, Consumer<Record> to) {
    this.conn = conn;
    this.to = to;
  }

  Wire(long conn, Capture capture) {
    this(conn, capture::accept);
  }

  /** What a TLS library gives of the connection: numbers and positions begin at 0. */
  static Wire plaintext(long conn, Capture capture) {
    Wire w = new Wire(conn, capture);
    w.data = Record.TLS_DATA;
    w.tx = w.rx = 0;
    return w;
  }

  Wire openUnix() {
    byte[] p = new byte[Record.OPEN_LENGTH];
    ByteBuffer.wrap(p).order(ByteOrder.nativeOrder()).putInt(0, tgid).putShort(4, (short) 1);
    return put(Record.OPEN, 0, 0, p, p.length, 0);
  }

  Wire open(int localPort, int remotePort) {
    return open(1, localPort, 2, remotePort);
  }

  /** Of an IPv4 address only the last byte is told. */
  Wire open(int local, int localPort, int remote, int remotePort) {
    byte[] p = new byte[Record.OPEN_LENGTH];
    ByteBuffer b = ByteBuffer.wrap(p).order(ByteOrder.nativeOrder());
    b.putInt(0, tgid).putShort(4, (short) 2).putShort(6, (short) localPort).putShort(8, (short) remotePort);
    b.put(16, new byte[] {10, 0, 0, (byte) local}).put(32, new byte[] {10, 0, 0, (byte) remote});
    return put(Record.OPEN, 0, 0, p, p.length, 0);
  }

  Wire openServer() {
    return open(SERVER_PORT, 40_000);
  }

  Wire openClient() {
    return open(40_000, SERVER_PORT);
  }

  Wire recv(String s) {
    return recv(bytes(s));
  }

  Wire send(String s) {
    return send(bytes(s));
  }

  Wire recv(byte[] bytes) {
    return recv(bytes, bytes.length);
  }

  Wire send(byte[] bytes) {
    return send(bytes, bytes.length);
  }

  Wire recv(byte[] bytes, int cap) {
    rx += bytes.length;
    return put(data, Record.RECV, bytes.length, bytes, cap, seq++);
  }

  Wire send(byte[] bytes, int cap) {
    tx += bytes.length;
    return put(data, Record.SEND, bytes.length, bytes, cap, seq++);
  }

  /** Further bytes of a call that sent. */
  Wire sendOn(String s) {
    byte[] bytes = bytes(s);
    tx += bytes.length;
    return put(Record.CONT, Record.SEND, bytes.length, bytes, bytes.length, seq++);
  }

  /** Bytes pass in a record that is dropped. */
  Wire lose(int dir, int n) {
    seq++;
    return unseen(dir, n);
  }

  /** Bytes pass without a record. */
  Wire unseen(int dir, int n) {
    if (dir == Record.RECV) rx += n;
    else tx += n;
    return this;
  }

  /** A send whose record is written after that of the answer. */
  Wire lateSend(byte[] bytes, Runnable meanwhile) {
    tx += bytes.length;
    int after = tx;
    meanwhile.run();
    int now = tx;
    tx = after;
    put(Record.DATA, Record.SEND, bytes.length, bytes, bytes.length, seq++);
    tx = now;
    return this;
  }

  Wire eof() {
    rx++;
    return put(Record.EOF, Record.RECV, 0, new byte[0], 0, seq++);
  }

  Wire close() {
    return put(Record.CLOSE, 0, 0, new byte[0], 0, 0);
  }

  Wire later(long nanos) {
    now += nanos;
    return this;
  }

  Wire put(int kind, int dir, int len, byte[] payload, int cap, int seq) {
    now += 1000;
    ByteBuffer b = ByteBuffer.allocate(Record.HEADER + cap + 8).order(ByteOrder.nativeOrder());
    int at = 8;
    b.putLong(at + Record.TS, now).putLong(at + Record.CONN, conn).putInt(at + Record.TID, tgid);
    b.putInt(at + Record.LEN, len).putShort(at + Record.CAP, (short) cap);
    b.put(at + Record.DIR, (byte) dir).put(at + Record.KIND, (byte) kind);
    b.putInt(at + Record.SEQ, seq);
    b.putInt(at + Record.TX, positions ? tx : 0).putInt(at + Record.RX, positions ? rx : 0);
    b.put(at + Record.HEADER, payload, 0, cap);
    to.accept(new Record().wrap(b, at));
    return this;
  }

  static byte[] bytes(String s) {
    return s.getBytes(StandardCharsets.ISO_8859_1);
  }
}
