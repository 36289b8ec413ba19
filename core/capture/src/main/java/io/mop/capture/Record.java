package io.mop.capture;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One record of the kernel's ring, read in place: valid until the ring moves on. Numbers are in native byte order; the
 * header is the same in every kind, see the offsets.
 */
public final class Record {
  /** u64: CLOCK_MONOTONIC in nanoseconds. */
  public static final int TS = 0;
  /** u64: socket cookie, unique while the system runs. */
  public static final int CONN = 8;
  /** u32: thread that made the system call. */
  public static final int TID = 16;
  /**
   * u32: bytes that passed; the payload may hold fewer. The last record of a call stands for all that is left of it.
   */
  public static final int LEN = 20;
  /** u16: payload bytes that follow the header. */
  public static final int CAP = 24;
  /** u8: {@link #RECV} or {@link #SEND}. */
  public static final int DIR = 26;
  /** u8: kind. */
  public static final int KIND = 27;
  /**
   * u32: number of this DATA, CONT or EOF record among those attempted for the connection, both directions together.
   */
  public static final int SEQ = 28;
  /** u32: sent position (TCP write_seq) after the call; where a CONT follows, after the bytes of this record. */
  public static final int TX = 32;
  /** u32: received position (TCP copied_seq), likewise. */
  public static final int RX = 36;
  /** Length of the header; the payload follows. */
  public static final int HEADER = 40;

  /** Direction: the observed process received. */
  public static final int RECV = 0;
  /** Direction: the observed process sent. */
  public static final int SEND = 1;

  /** Kind: {@code len} bytes passed. */
  public static final int DATA = 1;
  /** Kind: as DATA, further bytes of the same call. */
  public static final int CONT = 2;
  /** Kind: first sighting of a connection, with an {@link #OPEN_LENGTH} byte payload that says whose it is. */
  public static final int OPEN = 3;
  /** Kind: the peer has closed its sending side. */
  public static final int EOF = 4;
  /**
   * Kind: the connection is closed; a {@link #CLOSE_LENGTH} byte payload says what TCP has counted, or there is none.
   */
  public static final int CLOSE = 5;

  /** Kind: as DATA, but of plaintext that a TLS library took or gave; with numbers and positions of its own. */
  public static final int TLS_DATA = 6;
  /** Kind: as TLS_DATA, further bytes of the same call. */
  public static final int TLS_CONT = 7;
  /** Kind: the peer has ended its plaintext; numbered as TLS_DATA. */
  public static final int TLS_END = 8;

  /**
   * OPEN payload: u32 tgid, u16 family, u16 local port, u16 remote port, 6 bytes unused, two addresses of 16 bytes;
   * then, if it is longer, 16 bytes of the name that the kernel gives the process.
   */
  public static final int OPEN_LENGTH = 48;

  private static final int COMMAND_LENGTH = 16;

  static final int OPEN_FAMILY = 4;
  static final int OPEN_LOCAL_PORT = 6;
  static final int OPEN_REMOTE_PORT = 8;
  static final int OPEN_LOCAL = 16;
  static final int OPEN_REMOTE = 32;

  /**
   * CLOSE payload, of the whole life of the connection: u32 smoothed round trip time in microseconds (0 = unknown), u32
   * segments sent again, u32 segments in, u32 segments out, u64 bytes in (the peer's FIN counts as one), u64 bytes out
   * (with those sent again).
   */
  public static final int CLOSE_LENGTH = 32;

  static final int CLOSE_RTT = 0;
  static final int CLOSE_RETRANSMITS = 4;
  static final int CLOSE_SEGMENTS_IN = 8;
  static final int CLOSE_SEGMENTS_OUT = 12;
  static final int CLOSE_BYTES_IN = 16;
  static final int CLOSE_BYTES_OUT = 24;

  private ByteBuffer data = ByteBuffer.allocate(HEADER).order(ByteOrder.nativeOrder());
  private int at;

  /**
   * Points to the record at {@code offset}; the payload is not looked at yet.
   *
   * @throws IndexOutOfBoundsException if the header does not fit
   * @throws IllegalArgumentException if {@code data} is not in native byte order
   */
  public Record wrap(ByteBuffer data, int offset) {
    if (offset < 0 || data.limit() - offset < HEADER) throw new IndexOutOfBoundsException("no record at " + offset);
    if (data.order() != ByteOrder.nativeOrder()) throw new IllegalArgumentException("byte order is not native");
    this.data = data;
    at = offset;
    return this;
  }

  /** The record on memory of its own. */
  Record copy() {
    ByteBuffer own = ByteBuffer.allocate(HEADER + cap()).order(ByteOrder.nativeOrder());
    data.get(at, own.array());
    return new Record().wrap(own, 0);
  }

  /** Replaces payload bytes of a {@link #copy}. */
  void fill(int from, int to, byte with) {
    Arrays.fill(data.array(), HEADER + from, HEADER + to, with);
  }

  public long ts() {
    return data.getLong(at + TS);
  }

  public long conn() {
    return data.getLong(at + CONN);
  }

  public int tid() {
    return data.getInt(at + TID);
  }

  /** Unsigned. */
  public int len() {
    return data.getInt(at + LEN);
  }

  /** 0..65535. */
  public int cap() {
    return data.getShort(at + CAP) & 0xffff;
  }

  public int dir() {
    return data.get(at + DIR) & 0xff;
  }

  public int kind() {
    return data.get(at + KIND) & 0xff;
  }

  public int seq() {
    return data.getInt(at + SEQ);
  }

  public int tx() {
    return data.getInt(at + TX);
  }

  public int rx() {
    return data.getInt(at + RX);
  }

  /**
   * Copies {@code n} payload bytes from {@code from} on into {@code target} at {@code to}.
   *
   * @throws IndexOutOfBoundsException if they are beyond {@link #cap}, the buffer or the target
   */
  public void payload(int from, byte[] target, int to, int n) {
    if (from < 0 || n < 0 || from + n > cap()) throw new IndexOutOfBoundsException(from + "+" + n + " of " + cap());
    data.get(at + HEADER + from, target, to, n);
  }

  /** Whether the header makes sense and the payload lies in the buffer; nothing else is read of a record where not. */
  public boolean valid() {
    int cap = cap();
    return dir() <= SEND
        && cap <= this.data.limit() - at - HEADER
        && (!bytes() || len() > 0 && cap <= len())
        && (kind() != OPEN || cap >= OPEN_LENGTH);
  }

  /** Whether the record stands for bytes that passed. */
  boolean bytes() {
    int kind = kind();
    return kind == DATA || kind == CONT || kind == TLS_DATA || kind == TLS_CONT;
  }

  /** Whether it tells of plaintext that a TLS library took or gave. */
  boolean plain() {
    return kind() >= TLS_DATA && kind() <= TLS_END;
  }

  /** Whether this CLOSE says what TCP has counted. */
  boolean counted() {
    return cap() >= CLOSE_LENGTH;
  }

  /** Of a CLOSE that has {@link #counted}, a u32 at one of the {@code CLOSE_} offsets. */
  long closeInt(int offset) {
    return data.getInt(at + HEADER + offset) & 0xffffffffL;
  }

  /** Likewise, a u64. */
  long closeLong(int offset) {
    return data.getLong(at + HEADER + offset);
  }

  int openTgid() {
    return data.getInt(at + HEADER);
  }

  /** Name that the kernel gives the process, up to 15 bytes; empty if the record has none. */
  String openCommand() {
    if (cap() < OPEN_LENGTH + COMMAND_LENGTH) return "";
    byte[] name = new byte[COMMAND_LENGTH];
    payload(OPEN_LENGTH, name, 0, COMMAND_LENGTH);
    int n = 0;
    while (n < COMMAND_LENGTH && name[n] != 0) n++;
    return new String(name, 0, n, StandardCharsets.UTF_8);
  }

  int openShort(int offset) {
    return data.getShort(at + HEADER + offset) & 0xffff;
  }
}
