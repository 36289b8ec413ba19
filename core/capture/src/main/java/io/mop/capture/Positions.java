package io.mop.capture;

import io.mop.capture.Counters.Plain;

/**
 * Sequence and positions of one connection: finds out whether a record follows the one before. Numbers wrap at 2^32.
 *
 * <p>Bytes of a direction are missing exactly when {@code position - length} is not the position before. When a record
 * was dropped, the next one tells by its two positions how far each direction had come, so that a hole is not counted
 * twice. A FIN counts as one byte of the received position, also of the call that received the last data before it: one
 * missing byte is taken for it, and is a loss only if more data comes.
 */
final class Positions {
  /** Where each direction is; until its first record, where the connection's first record said it is. */
  private final int[] position = new int[2];
  private final boolean[] known = new boolean[2];
  private boolean based;
  private boolean numbered;
  /** After a dropped record: bytes up to here may be missing in that direction without a further loss. */
  private final int[] lackTo = new int[2];
  private final boolean[] lacks = new boolean[2];
  private int nextSeq;
  private boolean sequenced;
  private boolean opened;
  private boolean fin;
  private final boolean[] intact = new boolean[2];
  /** The direction of the last record, and where that record knew the opposite direction to be. */
  private int lastDir = -1;
  private int toldOpposite;
  private boolean turned;
  private int begins;
  private final long[] passed = new long[2];
  private boolean whole = true;
  private long recordsLost;
  private long bytesLost;

  private static int of(Record r, int dir) {
    return dir == Record.RECV ? r.rx() : r.tx();
  }

  /** Takes a DATA or EOF record; answers the reason of a loss before it, or an empty string. */
  String follow(Record r, Counters counters) {
    boolean turn = lastDir == 1 - r.dir() && startsAt(r, toldOpposite);
    String loss = loss(r, counters);
    whole &= loss.isEmpty();
    turned = turn && loss.isEmpty() && intact[1 - r.dir()];
    lastDir = r.dir();
    toldOpposite = opposite(r);
    return loss;
  }

  private String loss(Record r, Counters counters) {
    int dir = r.dir();
    int other = 1 - dir;
    boolean dropped = sequence(r, counters);
    String loss = dropped ? Counters.RECORD_LOST : "";
    intact[0] = true;
    intact[1] = true;
    if (r.tx() == 0 && r.rx() == 0) {
      numbered = false;
      intact[0] = intact[1] = !dropped;
      passed[dir] += r.len() & 0xffffffffL;
      return loss;
    }
    numbered = true;
    int at = of(r, dir);
    if (!based) {
      based = true;
      position[dir] = at - r.len();
      position[other] = of(r, other);
    }
    intact[other] = of(r, other) == position[other];
    int missing = at - r.len() - position[dir];
    boolean recordedLate = !known[dir] && missing < 0;
    boolean closed = dir == Record.RECV && !dropped && missing == 1 && !fin;
    begins = at - r.len() - (closed ? 1 : 0);
    passed[dir] += (r.len() & 0xffffffffL) + (recordedLate || closed ? 0 : missing);
    if (!recordedLate) {
      if (closed) {
        fin = true;
      } else if (missing != 0) {
        intact[dir] = false;
        if (missing > 0) {
          counters.add(Plain.BYTES_LOST, missing);
          bytesLost += missing;
        }
        boolean explained = lacks[dir] && missing > 0 && missing <= lackTo[dir] - position[dir];
        if (loss.isEmpty() && !explained) loss = Counters.BYTES_MISSING;
      } else if (fin && dir == Record.RECV && r.len() > 0) {
        intact[dir] = false;
        if (loss.isEmpty()) loss = Counters.BYTES_MISSING;
      }
    }
    lacks[dir] = false;
    position[dir] = at;
    known[dir] = true;
    if (dropped && of(r, other) - position[other] > 0) {
      lacks[other] = true;
      lackTo[other] = of(r, other);
    }
    return loss;
  }

  /** The connection was announced: its records are numbered from 0. */
  void opened() {
    opened = true;
  }

  private boolean sequence(Record r, Counters counters) {
    int ahead = r.seq() - nextSeq;
    if (!sequenced || ahead >= 0) nextSeq = r.seq() + 1;
    boolean first = !sequenced;
    sequenced = true;
    if (first && !opened) return false;
    if (ahead < 0) counters.add(Plain.RECORDS_REORDERED, 1);
    if (ahead > 0) {
      counters.add(Plain.RECORDS_LOST, ahead);
      recordsLost += ahead;
    }
    return ahead > 0;
  }

  /** Bytes of the direction since the first record, those in no record included as far as positions tell. */
  long passed(int dir) {
    return passed[dir];
  }

  /** Whether nothing was ever missing. */
  boolean whole() {
    return whole;
  }

  long recordsLost() {
    return recordsLost;
  }

  long bytesLost() {
    return bytesLost;
  }

  /** Whether bytes have positions that both ends of the connection know. */
  boolean numbered() {
    return numbered;
  }

  /** Of the first byte of the last record. */
  int begins() {
    return begins;
  }

  /** How far the direction has come. */
  int position(int dir) {
    return position[dir];
  }

  /** Whether up to the last record no byte of the direction is missing or under way. */
  boolean intact(int dir) {
    return intact[dir];
  }

  /**
   * Whether the last record is the first of its direction after one of the other, with nothing missing between: every
   * byte before it passed before that one was written, and no byte of the other direction is under way.
   */
  boolean turned() {
    return turned;
  }

  /** Whether {@code r} knows of bytes in the other direction that no record has brought yet. */
  boolean underWay(Record r) {
    int other = 1 - r.dir();
    return of(r, other) - position[other] > 0;
  }

  /** Whether a record of the other direction was seen. */
  boolean knowsOpposite(Record r) {
    return known[1 - r.dir()] || r.tx() == 0 && r.rx() == 0;
  }

  /** The position of the direction opposite to the record's, as the record knows it. */
  static int opposite(Record r) {
    return of(r, 1 - r.dir());
  }

  /** Whether the direction has come to {@code target}. */
  boolean reached(int dir, int target) {
    return known[dir] && position[dir] - target >= 0;
  }

  private static boolean startsAt(Record r, int target) {
    return r.tx() == 0 && r.rx() == 0 || of(r, r.dir()) - r.len() == target;
  }

  /** Whether the record's bytes begin at or after {@code target}. */
  static boolean startsAfter(Record r, int target) {
    return of(r, r.dir()) - r.len() - target >= 0;
  }

  /** Whether the CLOSE record says that more was sent than records told; FIN counts as one byte. */
  boolean sendIncomplete(Record close) {
    int more = close.tx() - position[Record.SEND];
    return close.tx() != 0 && known[Record.SEND] && more != 0 && more != 1;
  }
}
