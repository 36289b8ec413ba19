package io.mop.capture;

/** What a connection tells of itself while no decoder reads it: its first bytes, and what was told of it before. */
final class Edge {
  private static final long NEVER = Long.MIN_VALUE;

  private final Prefix[] first = {new Prefix(), new Prefix()};
  private Recognition found = Recognition.UNKNOWN;
  private boolean goTls;
  private boolean captured;
  private boolean peerEnded;
  private long since = NEVER;
  private final long[] told = new long[2];
  private boolean toldBefore;
  private long rttMicros = -1;

  /** A record of the connection came. */
  void at(long time) {
    if (since == NEVER) since = time;
  }

  /** A DATA record that no decoder took. */
  void see(Record r, Resource process, Edges edges) {
    captured |= r.cap() > 0;
    Prefix p = first[r.dir()];
    if (p.ended() || !p.add(r)) return;
    found = Recognition.of(first[Record.RECV], first[Record.SEND]);
    if (found.kind() == WireKind.TLS && !goTls) goTls = edges.go(process);
    if (first[0].ended() && first[1].ended()) forget();
  }

  /** Bytes are missing before the next record. */
  void gap() {
    first[0].end();
    first[1].end();
  }

  /** The peer sends no more. */
  void peerEnds() {
    peerEnded = true;
  }

  boolean peerEnded() {
    return peerEnded;
  }

  /** Nothing more is to be recognised. */
  void forget() {
    first[0].forget();
    first[1].forget();
  }

  void closed(Record close) {
    if (!close.counted()) return;
    long micros = close.closeInt(Record.CLOSE_RTT);
    if (micros != 0) rttMicros = micros;
  }

  Recognition found() {
    return found;
  }

  /** TLS of a program that has it from Go's own library. */
  boolean goTls() {
    return goTls;
  }

  /** Whether any byte was captured. */
  boolean captured() {
    return captured;
  }

  /** Smoothed round trip at the end; -1 if not known. */
  long rttMicros() {
    return rttMicros;
  }

  /** When the time began that was not told of yet. */
  long since() {
    return since;
  }

  /** Bytes that passed and were not told of yet. */
  long untold(int dir, Positions positions) {
    return Math.max(0, positions.passed(dir) - told[dir]);
  }

  boolean moved(Positions positions) {
    return untold(Record.RECV, positions) + untold(Record.SEND, positions) > 0;
  }

  /** Whether the end of the connection says something new; one on which nothing passed was a look at a port. */
  boolean untoldEnd(Positions positions) {
    return moved(positions) || toldBefore && rttMicros >= 0;
  }

  /** All that passed was told of, up to {@code now}. */
  void told(Positions positions, long now) {
    told[0] = positions.passed(0);
    told[1] = positions.passed(1);
    since = now;
    toldBefore = true;
  }

  /** Nothing passed up to {@code now}. */
  void quiet(long now) {
    since = now;
  }
}
