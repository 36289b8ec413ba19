package io.mop.plugins.postgresql;

import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Stream;

/**
 * Finds, from behind, what ends the answer to one statement, if it ends with the bytes that are there: what completes
 * it, and ReadyForQuery.
 */
final class LastMessages {
  private static final int READY = 6;
  /** Of both messages together. */
  static final int MAX = 1024;

  private LastMessages() {}

  /** Bytes of these messages at the end of {@code in}; 0 if there are none. */
  static int length(Stream in) {
    int to = in.length() - READY;
    try {
      if (to <= 0 || in.at(to) != 'Z' || Message.int32(in, to + 1) != READY - 1 || !isStatus(in.at(to + 5))) return 0;
      for (int at = to - Message.HEADER; at >= Math.max(0, in.length() - MAX); at--) {
        byte type = in.at(at);
        boolean ends = type == 'C' || type == 'E' || type == 'I' || type == 's';
        if (ends && Message.int32(in, at + 1) == to - at - 1 && isMessage(in, type, at, to)) return in.length() - at;
      }
    } catch (Stream.Gap e) {
      return 0;
    }
    return 0;
  }

  private static boolean isStatus(byte b) {
    return b == 'I' || b == 'T' || b == 'E';
  }

  private static boolean isMessage(Stream in, byte type, int at, int to) throws Stream.Gap {
    return Message.plausible(Direction.RESPONSE, type, to - at - 1)
        && Message.response(in, type, at + Message.HEADER, to);
  }
}
