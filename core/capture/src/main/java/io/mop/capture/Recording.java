package io.mop.capture;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * What passed on some connections, as {@link RecordingWriter} has written it; docs/recordings.md tells the format.
 *
 * @param writer the MOP that made it
 * @param unixNanos when it began
 * @param raw whether nothing in it is masked
 * @param connections in order of their first record
 */
public record Recording(String writer, long unixNanos, boolean raw, List<Connection> connections) {
  static final byte[] MAGIC = {'M', 'O', 'P', 'R', 'E', 'C'};
  static final int VERSION = 1;
  static final int RAW = 1;
  /** Longest frame: a header, and as many bytes as a record may have. */
  static final int MAX_FRAME = 1 << 17;
  static final int END_OF_RECORDING = 0;
  static final int CONNECTION = 1;
  static final int BYTES = 2;
  static final int PEER_CLOSED = 3;
  static final int CLOSED = 4;
  /** Flags of BYTES. */
  static final int SENT = 1;
  static final int CONTINUED = 2;

  /**
   * One connection.
   *
   * @param process name of the observed process
   * @param listens whether it listens on the local port
   * @param records its records as the kernel made them, OPEN first; times begin at 0 where the recording does
   */
  public record Connection(String process, boolean listens, List<Record> records) {
    public Connection {
      records = List.copyOf(records);
    }
  }

  public Recording {
    connections = List.copyOf(connections);
  }

  /**
   * Reads a file.
   *
   * @throws IOException that says in one sentence what is wrong, if it is no whole recording of a version known here
   */
  public static Recording read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(file.toString(), in);
    }
  }

  /** @param name for messages */
  public static Recording read(String name, InputStream in) throws IOException {
    return new Reader(name, new DataInputStream(new BufferedInputStream(in))).read();
  }

  /** All records in the order in which they passed; those of one connection stay in theirs. */
  public List<Record> records() {
    record Queue(int number, Deque<Record> left) {}
    PriorityQueue<Queue> queues = new PriorityQueue<>(
        Comparator.<Queue>comparingLong(q -> q.left.peek().ts()).thenComparingInt(Queue::number));
    for (int i = 0; i < connections.size(); i++) queues.add(new Queue(i, new ArrayDeque<>(connections.get(i).records)));
    List<Record> all = new ArrayList<>();
    for (Queue q; (q = queues.poll()) != null; ) {
      all.add(q.left.poll());
      if (!q.left.isEmpty()) queues.add(q);
    }
    return all;
  }

  /** One file. */
  private static final class Reader {
    private final String name;
    private final DataInputStream in;
    private final Map<Integer, Connection> connections = new LinkedHashMap<>();
    private final Map<Integer, List<Record>> records = new LinkedHashMap<>();

    Reader(String name, DataInputStream in) {
      this.name = name;
      this.in = in;
    }

    Recording read() throws IOException {
      try {
        if (!Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) throw wrong("is no recording of mop record.");
        int version = in.readUnsignedShort();
        String writer = in.readUTF();
        if (version != VERSION) {
          throw wrong("is a recording of version " + version + " by MOP " + writer + "; this MOP reads version "
              + VERSION + ".");
        }
        long unixNanos = in.readLong();
        boolean raw = (in.readUnsignedByte() & RAW) != 0;
        while (frame()) {}
        List<Connection> all = new ArrayList<>();
        connections.forEach((n, c) -> all.add(new Connection(c.process, c.listens, records.get(n))));
        return new Recording(writer, unixNanos, raw, all);
      } catch (EOFException e) {
        throw wrong("is cut off: its end is missing.");
      } catch (UTFDataFormatException | RuntimeException e) {
        throw wrong("is damaged: what it holds makes no sense.");
      }
    }

    private IOException wrong(String what) {
      return new IOException(name + " " + what);
    }

    /** False at the end. */
    private boolean frame() throws IOException {
      int length = in.readInt();
      if (length < 1 || length > MAX_FRAME) throw new IllegalArgumentException("length " + length);
      byte[] bytes = new byte[length];
      in.readFully(bytes);
      ByteBuffer b = ByteBuffer.wrap(bytes);
      int type = b.get();
      if (type == END_OF_RECORDING) return false;
      int number = b.getInt();
      long time = b.getLong();
      switch (type) {
        case CONNECTION -> connection(number, time, b);
        case BYTES -> bytes(number, time, b);
        case PEER_CLOSED ->
            add(number, record(number, time, Record.EOF, b.get(), b.getInt(), b.getInt(), b.getInt(), 0, b));
        case CLOSED -> add(number, record(number, time, Record.CLOSE, 0, 0, b.getInt(), b.getInt(), 0, b));
        default -> {} // of a later MOP of this version
      }
      return true;
    }

    private void connection(int number, long time, ByteBuffer b) {
      boolean listens = b.get() != 0;
      byte[] process = new byte[b.getShort() & 0xffff];
      b.get(process);
      ByteBuffer open = ByteBuffer.allocate(Record.OPEN_LENGTH).order(ByteOrder.nativeOrder());
      open.putInt(0, number).putShort(Record.OPEN_FAMILY, b.getShort());
      open.putShort(Record.OPEN_LOCAL_PORT, b.getShort()).putShort(Record.OPEN_REMOTE_PORT, b.getShort());
      b.get(open.array(), Record.OPEN_LOCAL, 16).get(open.array(), Record.OPEN_REMOTE, 16);
      String text = new String(process, StandardCharsets.UTF_8);
      if (connections.put(number, new Connection(text, listens, List.of())) != null) {
        throw new IllegalArgumentException("connection " + number + " twice");
      }
      records.put(number, new ArrayList<>());
      add(number, record(number, time, Record.OPEN, 0, 0, 0, 0, 0, open));
    }

    private void bytes(int number, long time, ByteBuffer b) {
      int flags = b.get();
      int kind = (flags & CONTINUED) != 0 ? Record.CONT : Record.DATA;
      int dir = (flags & SENT) != 0 ? Record.SEND : Record.RECV;
      add(number, record(number, time, kind, dir, b.getInt(), b.getInt(), b.getInt(), b.getInt(), b));
    }

    private void add(int number, Record r) {
      if (!r.valid()) throw new IllegalArgumentException("invalid record");
      records.get(number).add(r);
    }

    /** The payload is what is left of {@code payload}. */
    private static Record record(
        int number, long time, int kind, int dir, int seq, int tx, int rx, int len, ByteBuffer payload) {
      int cap = payload.remaining();
      if (cap > 0xffff) throw new IllegalArgumentException("too many bytes");
      ByteBuffer b = ByteBuffer.allocate(Record.HEADER + cap).order(ByteOrder.nativeOrder());
      b.putLong(Record.TS, time).putLong(Record.CONN, number).putInt(Record.TID, number).putInt(Record.LEN, len);
      b.putShort(Record.CAP, (short) cap).put(Record.DIR, (byte) dir).put(Record.KIND, (byte) kind);
      b.putInt(Record.SEQ, seq).putInt(Record.TX, tx).putInt(Record.RX, rx);
      payload.get(b.array(), Record.HEADER, cap);
      return new Record().wrap(b, 0);
    }
  }
}
