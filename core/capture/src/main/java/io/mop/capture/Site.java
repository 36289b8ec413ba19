package io.mop.capture;

import io.mop.api.capture.Measure;
import io.mop.api.capture.Protocol.Direction;
import java.util.Optional;

/** What a connection has in common with its other end, if that is seen too, and which threads used it. */
final class Site {
  private final ByteStream[] streams;
  private final Positions positions;
  /** That made the last system call of each direction. */
  private final int[] threads = new int[2];
  private int requests;
  private Pair pair = Pair.UNKNOWN;
  private Optional<Measure> measure = Optional.empty();
  private long since = Long.MIN_VALUE;
  /** The direction whose bytes a decoder is reading, or -1. */
  private int decoding = -1;
  private boolean plaintext;

  Site(ByteStream[] streams, Positions positions) {
    this.streams = streams;
    this.positions = positions;
  }

  void arrived(Record r) {
    if (since == Long.MIN_VALUE) since = r.ts();
    threads[r.dir()] = r.tid();
  }

  /** It is known which end this is, and how its exchanges are measured. */
  void known(Ends ends, boolean server, Optional<Measure> measure) {
    this.measure = measure;
    requests = server ? Record.RECV : Record.SEND;
    pair = server ? new Pair(ends.remote(), ends.local()) : new Pair(ends.local(), ends.remote());
  }

  /** From now on a TLS library's plaintext is read, which each end counts from its own first sight on. */
  void plaintext() {
    plaintext = true;
  }

  void decoding(int dir) {
    decoding = dir;
  }

  /** Time of the first record that was not an OPEN. */
  long since() {
    return since;
  }

  Optional<Measure> measure() {
    return measure;
  }

  Pair pair() {
    return pair;
  }

  /** Where the first unread byte of what a decoder is reading is. */
  Place place() {
    if (plaintext || decoding < 0 || !pair.known() || !positions.numbered()) return Place.UNKNOWN;
    Direction direction = decoding == requests ? Direction.REQUEST : Direction.RESPONSE;
    return new Place(pair, direction, streams[decoding].position());
  }

  /** That made the last system call of the direction of requests. */
  int thread() {
    return threads[requests];
  }

  private int dir(Direction d) {
    return d == Direction.REQUEST ? requests : 1 - requests;
  }

  /** How far a direction has come. */
  int position(Direction d) {
    return positions.position(dir(d));
  }

  /** Whether a direction has come to {@code position}. */
  boolean reached(Direction d, int position) {
    return positions.reached(dir(d), position);
  }
}
