package io.mop.plugins.postgresql;

import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Protocol.Guess;
import io.mop.api.capture.Stream;

/**
 * Structure of messages (documentation, "Message Formats"): a type byte and a length that counts itself and the body.
 * The first ones of a connection have no type.
 */
final class Message {
  /** Type and length. */
  static final int HEADER = 5;
  static final int SSL_REQUEST = 80877103;
  static final int GSSENC_REQUEST = 80877104;
  static final int CANCEL_REQUEST = 80877102;
  /** The server refuses longer ones. */
  private static final int MAX_STARTUP = 10_000;
  private static final int MAX_CANCEL = 12 + 256;
  /** PostgreSQL's limit of a memory block. */
  private static final int MAX_LENGTH = 0x3fffffff;
  private static final int MAX_COLUMNS = 1664;
  /** Messages looked at to find out whether bytes are any. */
  private static final int ENOUGH = 16;

  private static final String REQUESTS = "QPBEDCSHXFdcfp";
  private static final String RESPONSES = "ZTDCE123tnsIRSKNAvGHWdcV";
  /** Those that consist of the header. */
  private static final String EMPTY_REQUESTS = "SHXc";
  private static final String EMPTY_RESPONSES = "123nsIc";

  private Message() {}

  static int int32(Stream in, int at) throws Stream.Gap {
    return (in.at(at) & 0xff) << 24 | (in.at(at + 1) & 0xff) << 16 | int16(in, at + 2);
  }

  static int int16(Stream in, int at) throws Stream.Gap {
    return (in.at(at) & 0xff) << 8 | in.at(at + 1) & 0xff;
  }

  /** Whether there is such a message. */
  static boolean plausible(Direction direction, byte type, int length) {
    boolean request = direction == Direction.REQUEST;
    if ((request ? REQUESTS : RESPONSES).indexOf(type) < 0) return false;
    if ((request ? EMPTY_REQUESTS : EMPTY_RESPONSES).indexOf(type) >= 0) return length == 4;
    if (type == 'Z') return length == 5;
    return length >= (type == 'd' ? 4 : 5) && length <= MAX_LENGTH;
  }

  /** Whether {@code length} and {@code code} begin a message without a type. */
  static boolean untyped(int length, int code) {
    return switch (code) {
      case SSL_REQUEST, GSSENC_REQUEST -> length == 8;
      case CANCEL_REQUEST -> length >= 16 && length <= MAX_CANCEL;
      default -> code >>> 16 == 3 && length > 8 && length <= MAX_STARTUP;
    };
  }

  /**
   * Whether {@code in} begins with messages of this direction: the structure of two is right, or of all up to the end.
   * Those that may be of either direction do not count.
   */
  static Guess guess(Stream in, Direction direction) {
    int sure = 0;
    try {
      if (in.length() > 0 && in.at(0) == 0) return direction == Direction.REQUEST ? startup(in) : Guess.NO;
      int at = 0;
      for (int i = 0; i < ENOUGH && at < in.length(); i++) {
        if (in.length() - at < HEADER) return Guess.MAYBE;
        byte type = in.at(at);
        int length = int32(in, at + 1);
        if (!plausible(direction, type, length)) return Guess.NO;
        if (in.length() - at - 1 < length) return sure > 1 ? Guess.YES : Guess.MAYBE;
        if (!valid(in, direction, type, at + HEADER, at + 1 + length)) return Guess.NO;
        boolean either = type == 'd' || type == 'c' || type == 'p' || direction == Direction.REQUEST && type == 'C';
        if (!either) sure++;
        at += 1 + length;
      }
      return sure > 1 || sure == 1 && at == in.length() ? Guess.YES : Guess.MAYBE;
    } catch (Stream.Gap e) {
      return sure > 1 ? Guess.YES : Guess.NO;
    }
  }

  /** A StartupMessage holds names and values, each ended by a zero, and a zero. */
  private static Guess startup(Stream in) throws Stream.Gap {
    if (in.length() < 8) return Guess.MAYBE;
    int length = int32(in, 0);
    int code = int32(in, 4);
    if (!untyped(length, code)) return Guess.NO;
    if (in.length() < length) return Guess.MAYBE;
    if (code >>> 16 != 3) return Guess.YES;
    boolean ended = in.at(length - 1) == 0 && in.at(length - 2) == 0;
    return ended && in.find((byte) 0, 8, length) > 8 ? Guess.YES : Guess.NO;
  }

  private static boolean valid(Stream in, Direction direction, byte type, int from, int to) throws Stream.Gap {
    return direction == Direction.REQUEST ? request(in, type, from, to) : response(in, type, from, to);
  }

  private static boolean request(Stream in, byte type, int from, int to) throws Stream.Gap {
    return switch (type) {
      case 'Q', 'f' -> string(in, from, to) == to;
      case 'P' -> {
        int types = string(in, string(in, from, to), to);
        yield types > 0 && to - types >= 2 && to - types == 2 + 4 * int16(in, types);
      }
      case 'B' -> bind(in, string(in, string(in, from, to), to), to);
      case 'E' -> string(in, from, to) == to - 4;
      case 'D', 'C' -> (in.at(from) == 'S' || in.at(from) == 'P') && string(in, from + 1, to) == to;
      case 'F' -> to - from >= 10;
      default -> true;
    };
  }

  /** Formats of the parameters, the parameters, formats of the results. */
  private static boolean bind(Stream in, int from, int to) throws Stream.Gap {
    if (from < 0 || to - from < 6) return false;
    int values = from + 2 + 2 * int16(in, from);
    if (to - values < 4) return false;
    int results = values(in, values + 2, to, int16(in, values));
    return results > 0 && to - results >= 2 && to - results == 2 + 2 * int16(in, results);
  }

  static boolean response(Stream in, byte type, int from, int to) throws Stream.Gap {
    return switch (type) {
      case 'Z' -> in.at(from) == 'I' || in.at(from) == 'T' || in.at(from) == 'E';
      case 'C' -> in.at(from) >= 'A' && in.at(from) <= 'Z' && string(in, from, to) == to;
      case 'E', 'N' -> SqlState.end(in, from, to) == to;
      case 'D' -> to - from >= 2 && int16(in, from) <= MAX_COLUMNS && values(in, from + 2, to, int16(in, from)) == to;
      case 'T' -> to - from >= 2 && int16(in, from) <= MAX_COLUMNS && columns(in, from + 2, to, int16(in, from));
      case 't' -> to - from >= 2 && to - from == 2 + 4 * int16(in, from);
      case 'S' -> string(in, string(in, from, to), to) == to;
      case 'R', 'v', 'V' -> to - from >= 4;
      case 'A' -> string(in, string(in, from + 4, to), to) == to;
      case 'G', 'H', 'W' -> to - from >= 3 && in.at(from) <= 1 && to - from == 3 + 2 * int16(in, from + 1);
      default -> true;
    };
  }

  /** Position behind {@code n} values with their lengths, -1 = null; -1 if they do not fit. */
  private static int values(Stream in, int from, int to, int n) throws Stream.Gap {
    for (int i = 0; i < n; i++) {
      if (to - from < 4) return -1;
      int length = int32(in, from);
      from += 4;
      if (length < -1 || length > to - from) return -1;
      if (length > 0) from += length;
    }
    return from;
  }

  private static boolean columns(Stream in, int from, int to, int n) throws Stream.Gap {
    for (int i = 0; i < n; i++) {
      from = string(in, from, to);
      if (from < 0 || to - from < 18) return false;
      from += 18;
    }
    return from == to;
  }

  /** Position behind the zero that ends a string; -1 if none comes, or {@code from} is -1. */
  static int string(Stream in, int from, int to) throws Stream.Gap {
    int zero = from < 0 ? -1 : in.find((byte) 0, from, to);
    return zero < 0 ? -1 : zero + 1;
  }
}
