package io.mop.bpf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Drains a ring and keeps a copy of every record. */
final class Recording implements Ring.Records {
  static final int RECV = 0;
  static final int SEND = 1;
  static final int DATA = 1;
  static final int CONT = 2;
  static final int OPEN = 3;
  static final int END = 4;
  static final int CLOSE = 5;
  static final int TLS_DATA = 6;
  static final int TLS_CONT = 7;
  static final int TLS_END = 8;

  private final Ring ring;
  private final List<Copy> records = new ArrayList<>();

  /** A record as it was in the ring. */
  record Copy(
      long ts, long conn, int tid, int len, int cap, int dir, int kind, int seq, int tx, int rx, byte[] payload) {
    boolean is(int kind, int dir) {
      return this.kind == kind && this.dir == dir;
    }

    boolean numbered() {
      return data() || kind == END;
    }

    boolean data() {
      return kind == DATA || kind == CONT;
    }

    boolean data(int dir) {
      return data() && this.dir == dir;
    }

    /** Plaintext of a TLS library. */
    boolean plain(int dir) {
      return (kind == TLS_DATA || kind == TLS_CONT) && this.dir == dir;
    }

    int position() {
      return dir == SEND ? tx : rx;
    }

    /** Of an OPEN or a CLOSE. */
    int u16(int offset) {
      return ByteBuffer.wrap(payload).order(java.nio.ByteOrder.nativeOrder()).getShort(offset) & 0xffff;
    }

    int u32(int offset) {
      return ByteBuffer.wrap(payload).order(java.nio.ByteOrder.nativeOrder()).getInt(offset);
    }

    long u64(int offset) {
      return ByteBuffer.wrap(payload).order(java.nio.ByteOrder.nativeOrder()).getLong(offset);
    }

    String text() {
      return new String(payload, StandardCharsets.ISO_8859_1);
    }
  }

  Recording(Ring ring) {
    this.ring = ring;
  }

  @Override
  public void record(ByteBuffer d, int at) {
    int cap = d.getShort(at + 24) & 0xffff;
    byte[] payload = new byte[cap];
    d.get(at + 40, payload);
    records.add(
        new Copy(
            d.getLong(at), d.getLong(at + 8), d.getInt(at + 16), d.getInt(at + 20), cap, d.get(at + 26),
            d.get(at + 27), d.getInt(at + 28), d.getInt(at + 32), d.getInt(at + 36), payload));
  }

  Recording drain() {
    while (ring.drain(this) > 0) {}
    return this;
  }

  /** Drains until the condition holds. */
  Recording until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) throw new AssertionError(what + ": not in 60 s; records: " + records.size());
      ring.await(Duration.ofMillis(5));
      drain();
    }
    return this;
  }

  List<Copy> all() {
    return List.copyOf(records);
  }

  List<Copy> of(int kind, int dir) {
    return records.stream().filter(r -> r.is(kind, dir)).toList();
  }

  /** Records that stand for bytes of a direction, of all connections. */
  List<Copy> data(int dir) {
    return records.stream().filter(r -> r.data(dir)).toList();
  }

  List<Copy> of(long conn) {
    return records.stream().filter(r -> r.conn == conn).toList();
  }

  List<Copy> opens() {
    return records.stream().filter(r -> r.kind == OPEN).toList();
  }

  /** The connection whose peer has the port. */
  long connection(int remotePort) {
    return opens().stream().filter(r -> r.u16(8) == remotePort).findFirst()
        .orElseThrow(() -> new AssertionError("no OPEN with remote port " + remotePort + " in " + opens())).conn();
  }

  boolean knows(int remotePort) {
    return opens().stream().anyMatch(r -> r.u16(8) == remotePort);
  }

  long bytes(long conn, int dir) {
    return of(conn).stream().filter(r -> r.data(dir)).mapToLong(Copy::len).sum();
  }

  /** Whether the connection of that peer has moved so many bytes. */
  boolean moved(int remotePort, long received, long sent) {
    if (!knows(remotePort)) return false;
    long conn = connection(remotePort);
    return bytes(conn, RECV) >= received && bytes(conn, SEND) >= sent;
  }

  byte[] content(long conn, int dir) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    of(conn).stream().filter(r -> r.data(dir)).forEach(r -> out.writeBytes(r.payload()));
    return out.toByteArray();
  }

  /** The plaintext of a direction, of all connections. */
  String plain(int dir) {
    return records.stream().filter(r -> r.plain(dir)).map(Copy::text).collect(Collectors.joining());
  }

  boolean anywhere(String marker) {
    return records.stream().anyMatch(r -> r.text().contains(marker));
  }
}
