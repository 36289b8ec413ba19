package io.mop.capture;

import io.mop.api.capture.Masker;
import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Stream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * What is being recorded of one connection. A record is written when the protocol's masker has told which of its bytes
 * are values, and those before it are written; of bytes about which nothing can be told only the length is.
 */
final class Tape {
  /** Bytes and records that wait for a masker's word. */
  static final int MOST = 256 << 10;
  private static final int MOST_RECORDS = 4096;

  private final Recorder recorder;
  private final int number;
  private final Connection connection;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final ByteStream[] streams;
  /** Bytes of each direction that a masker was given, and of these those that it has consumed. */
  private final long[] given = new long[2];
  private final long[] told = new long[2];
  private Optional<Masker> masker = Optional.empty();
  /** Nothing can be told of any byte that follows. */
  private boolean blind;
  private int lastDir = -1;
  private long held;

  /** A record that is not written yet. */
  private final class Waiting {
    private static final long NOT_GIVEN = -1;
    final Record record;
    /** Where its first byte is among those that the masker was given. */
    long at = NOT_GIVEN;
    boolean withheld;

    Waiting(Record record) {
      this.record = record;
    }

    boolean ready() {
      return withheld || !record.bytes() || at != NOT_GIVEN && told[record.dir()] - at >= record.len();
    }

    /** Captured bytes that may be written. */
    int captured() {
      if (!record.bytes()) return record.cap();
      return at == NOT_GIVEN ? 0 : (int) Math.max(0, Math.min(told[record.dir()] - at, record.cap()));
    }

    void mask(long from, long to, byte with) {
      int first = (int) Math.max(0, Math.min(from - at, record.cap()));
      int end = (int) Math.max(first, Math.min(to - at, record.cap()));
      record.fill(first, end, with);
    }
  }

  /** @param first record that was seen, an OPEN but for a loss */
  Tape(Recorder recorder, int number, Connection connection, Record first) {
    this.recorder = recorder;
    this.number = number;
    this.connection = connection;
    streams = new ByteStream[] {recorder.stream(), recorder.stream()};
    recorder.write(number, connection, first.kind() == Record.OPEN ? first : unknown(first), first.cap());
  }

  private static Record unknown(Record first) {
    ByteBuffer b = ByteBuffer.allocate(Record.HEADER + Record.OPEN_LENGTH).order(ByteOrder.nativeOrder());
    b.putLong(Record.TS, first.ts()).put(Record.KIND, (byte) Record.OPEN);
    return new Record().wrap(b.putShort(Record.CAP, (short) Record.OPEN_LENGTH), 0);
  }

  /** A DATA or CONT record, after the connection took it. */
  void data(Record r, List<NamedProtocol> protocols) {
    if (recorder.raw()) {
      recorder.write(number, connection, r, r.cap());
      return;
    }
    Waiting w = new Waiting(r.copy());
    waiting.add(w);
    held += r.cap();
    blind |= !connection.positions().whole() || held > MOST || waiting.size() > MOST_RECORDS;
    if (!blind && masker.isPresent()) give(w);
    else if (!blind) undecided(r.dir(), protocols);
    if (blind) withhold();
    write();
  }

  /** Keeps what the sniffer keeps; once it is decided, that is what the decoder begins with. */
  private void undecided(int dir, List<NamedProtocol> protocols) {
    if (lastDir == 1 - dir) forget(lastDir);
    lastDir = dir;
    Optional<NamedProtocol> protocol =
        protocols.stream().filter(p -> p.name().equals(connection.reader())).findFirst();
    if (protocol.isEmpty()) {
      if (connection.unread(dir) == 0) forget(dir);
      return;
    }
    forget(1 - dir);
    try {
      masker = protocol.get().protocol().masker();
    } catch (RuntimeException | LinkageError e) {
      masker = Optional.empty();
    }
    blind = masker.isEmpty();
    for (Waiting w : waiting) if (!blind && w.record.bytes() && !w.withheld) give(w);
  }

  private void forget(int dir) {
    for (Waiting w : waiting) if (w.record.bytes() && w.record.dir() == dir) w.withheld = true;
  }

  private void give(Waiting w) {
    int dir = w.record.dir();
    w.at = given[dir];
    if (!streams[dir].append(w.record, (int) given[dir])) {
      blind = true;
      return;
    }
    given[dir] += w.record.len();
    ask(dir);
    if (!blind) ask(1 - dir); // it may have waited for this
  }

  private void ask(int dir) {
    ByteStream in = streams[dir];
    if (in.length() == 0) return;
    boolean request = connection.server() == (dir == Record.RECV);
    try {
      masker.get().mask(request ? Direction.REQUEST : Direction.RESPONSE, in, (from, to, with) -> {
        long base = given[dir] - in.length();
        for (Waiting w : waiting) {
          if (w.at >= 0 && w.record.dir() == dir) w.mask(base + from, base + to, (byte) with);
        }
      });
    } catch (Stream.Gap | RuntimeException | LinkageError | StackOverflowError e) {
      blind = true;
    }
    told[dir] = given[dir] - in.length();
  }

  private void withhold() {
    for (Waiting w : waiting) w.withheld = true;
    streams[0].clear();
    streams[1].clear();
  }

  private void write() {
    for (Waiting w; (w = waiting.peek()) != null && w.ready(); waiting.remove()) {
      int captured = w.captured();
      if (w.record.bytes()) recorder.withheld(w.record.cap() - captured);
      if (w.record.bytes()) held -= w.record.cap();
      recorder.write(number, connection, w.record, captured);
    }
  }

  /** An EOF or CLOSE record. */
  void other(Record r) {
    waiting.add(new Waiting(r.copy()));
    write();
  }

  /** Nothing follows. */
  void end() {
    withhold();
    write();
  }
}
