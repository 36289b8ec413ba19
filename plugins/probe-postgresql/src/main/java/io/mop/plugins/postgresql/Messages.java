package io.mop.plugins.postgresql;

import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Stream;

/** Walks the messages of one direction. Of a body only the beginning is waited for; the rest is passed over. */
abstract class Messages {
  private final Direction direction;
  final Session session;
  /** Bytes of the current message that have not passed. */
  private long left;

  Messages(Direction direction, Session session) {
    this.direction = direction;
    this.session = session;
  }

  void reset() {
    left = 0;
  }

  /** Takes all messages that are there. */
  void read(Stream in) throws Stream.Gap {
    while (pass(in) && in.length() > 0 && begin(in) && next(in)) {}
  }

  private boolean pass(Stream in) {
    int n = (int) Math.min(left, in.length());
    in.skip(n);
    left -= n;
    return left == 0;
  }

  /** Takes what has no header; false if what follows must wait. */
  abstract boolean begin(Stream in) throws Stream.Gap;

  /** Whether the next bytes are all there, but cannot be read, and will be passed over by {@link #read}. */
  abstract boolean unseen(Stream in);

  /** Bytes of the body that are needed, if there are so many. */
  abstract int needed(byte type);

  /**
   * @param to end of the bytes that are there, all of the message or {@link #needed}
   * @param whole whether it is all of the message
   * @param time of the last byte that is there
   */
  abstract void take(byte type, Stream in, int to, boolean whole, long time) throws Stream.Gap;

  private boolean next(Stream in) throws Stream.Gap {
    if (in.length() < Message.HEADER) return false;
    byte type;
    int length;
    try {
      type = in.at(0);
      length = Message.int32(in, 1);
    } catch (Stream.Gap e) {
      if (unseen(in)) return false;
      throw e;
    }
    if (!Message.plausible(direction, type, length)) throw malformed();
    int to = 1 + Math.min(length, 4 + needed(type));
    if (in.length() < to) return false;
    take(type, in, to, to == 1 + length, in.time(to - 1));
    left = 1L + length;
    return true;
  }

  final Stream.Gap malformed() {
    session.config.malformed().add(1);
    return Stream.Gap.GAP;
  }
}
