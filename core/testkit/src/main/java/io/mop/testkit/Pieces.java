package io.mop.testkit;

import io.mop.capture.Record;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The records of a recording with system calls in several pieces, as the kernel makes them of long ones: a record and
 * its continuations, each with the positions after its bytes.
 */
final class Pieces {
  private final List<Record> records;

  Pieces(List<Record> records) {
    this.records = records;
  }

  /** Captured bytes of all. */
  int bytes() {
    return records.stream().filter(Pieces::isData).mapToInt(Record::cap).sum();
  }

  private static boolean isData(Record r) {
    return r.kind() == Record.DATA || r.kind() == Record.CONT;
  }

  /** Each captured byte is a record; the last one of a call stands for those that were not captured, too. */
  List<Record> single() {
    Out out = new Out();
    for (Record r : records) {
      int n = isData(r) ? Math.max(1, r.cap()) : 1;
      for (int i = 0; i < n; i++) out.add(r, i, i + 1 < n ? i + 1 : r.len());
    }
    return out.records;
  }

  /** The call with the captured byte {@code at}, counted through all, comes in two pieces: the second begins so. */
  List<Record> cutAt(int at) {
    return cut(at, false);
  }

  /** As {@link #cutAt}, and what follows the first piece never comes. */
  List<Record> endedAt(int at) {
    return cut(at, true);
  }

  private List<Record> cut(int at, boolean ends) {
    Out out = new Out();
    int before = 0;
    for (Record r : records) {
      int inside = at - before;
      boolean here = isData(r) && inside >= 0 && inside < r.cap();
      if (isData(r)) before += r.cap();
      if (here && inside > 0) out.add(r, 0, inside);
      if (here && ends) return out.records;
      out.add(r, here ? inside : 0, r.len());
    }
    return out.records;
  }

  /** What was made so far; every piece more moves the numbers of those that follow on the connection. */
  private static final class Out {
    private final List<Record> records = new ArrayList<>();
    private final Map<Long, Integer> more = new HashMap<>();

    /** Bytes {@code from} to {@code to} of a record; of one without bytes, all. */
    void add(Record r, int from, int to) {
      int moved = more.getOrDefault(r.conn(), 0);
      boolean numbered = r.kind() != Record.OPEN && r.kind() != Record.CLOSE;
      boolean data = isData(r);
      int first = data ? from : 0;
      int cap = data ? Math.max(0, Math.min(r.cap(), to) - first) : r.cap();
      if (data && first > 0) more.put(r.conn(), ++moved);
      ByteBuffer b = ByteBuffer.allocate(Record.HEADER + cap).order(ByteOrder.nativeOrder());
      int later = data ? r.len() - to : 0;
      b.putLong(Record.TS, r.ts()).putLong(Record.CONN, r.conn()).putInt(Record.TID, r.tid());
      b.putInt(Record.LEN, data ? to - first : r.len()).putShort(Record.CAP, (short) cap);
      b.put(Record.DIR, (byte) r.dir()).put(Record.KIND, (byte) (data && first > 0 ? Record.CONT : r.kind()));
      b.putInt(Record.SEQ, numbered ? r.seq() + moved : r.seq());
      boolean positions = r.tx() != 0 || r.rx() != 0;
      b.putInt(Record.TX, positions && r.dir() == Record.SEND ? r.tx() - later : r.tx());
      b.putInt(Record.RX, positions && r.dir() == Record.RECV ? r.rx() - later : r.rx());
      r.payload(first, b.array(), Record.HEADER, cap);
      records.add(new Record().wrap(b, 0));
    }
  }
}
