package io.mop.plugins.postgresql;

import io.mop.api.capture.Masker.Values;
import io.mop.api.capture.Stream;

/**
 * Tells which bytes of a message's body are values: what is not named here is a value. Where its structure is not as
 * documented it throws {@link Stream.Gap}, and all of the body is one.
 */
final class MessageValues {
  static final char TEXT = 'x';

  private MessageValues() {}

  /** Of pairs of name and value the names stay, and the database's: the user's name, if it is not given. */
  static void startup(Stream in, int to, Values out) throws Stream.Gap {
    boolean database = false;
    for (int p = 8; p < to && in.at(p) != 0; p = after(in, after(in, p, to), to)) database |= is(in, p, "database");
    for (int p = 8; p < to && in.at(p) != 0; ) {
      int value = after(in, p, to);
      int next = after(in, value, to);
      if (!is(in, p, database ? "database" : "user")) mask(value, next - 1, out);
      p = next;
    }
  }

  private static int after(Stream in, int from, int to) throws Stream.Gap {
    int end = Message.string(in, from, to);
    if (end < 0) throw Stream.Gap.GAP;
    return end;
  }

  private static boolean is(Stream in, int from, String name) throws Stream.Gap {
    for (int i = 0; i < name.length(); i++) if (in.at(from + i) != name.charAt(i)) return false;
    return in.at(from + name.length()) == 0;
  }

  private static void mask(int from, int to, Values out) {
    if (to > from) out.mask(from, to, TEXT);
  }

  /** @param to end of the message, which is all there */
  static void request(Stream in, byte type, int to, Values out) throws Stream.Gap {
    int from = Message.HEADER;
    switch (type) {
      case 'Q' -> SqlValues.mask(in, from, to, out);
      case 'P' -> SqlValues.mask(in, after(in, from, to), to, out);
      case 'B' -> bind(in, after(in, after(in, from, to), to), to, out);
      case 'E', 'D', 'C', 'S', 'H', 'X', 'c' -> {}
      default -> mask(from, to, out);
    }
  }

  private static void bind(Stream in, int from, int to, Values out) throws Stream.Gap {
    int values = from + 2 + 2 * Message.int16(in, from);
    if (values + 2 > to) throw Stream.Gap.GAP;
    int formats = values(in, values + 2, to, Message.int16(in, values), out);
    if (to - formats < 2 || to - formats != 2 + 2 * Message.int16(in, formats)) throw Stream.Gap.GAP;
  }

  /** Position behind {@code n} values with their lengths. */
  private static int values(Stream in, int from, int to, int n, Values out) throws Stream.Gap {
    for (int i = 0; i < n; i++) {
      if (to - from < 4) throw Stream.Gap.GAP;
      int length = Message.int32(in, from);
      from += 4;
      if (length < -1 || length > to - from) throw Stream.Gap.GAP;
      if (length <= 0) continue;
      mask(from, from + length, out);
      from += length;
    }
    return from;
  }

  static void response(Stream in, byte type, int to, Values out) throws Stream.Gap {
    int from = Message.HEADER;
    switch (type) {
      case 'D' -> {
        if (to - from < 2 || values(in, from + 2, to, Message.int16(in, from), out) != to) throw Stream.Gap.GAP;
      }
      case 'E', 'N' -> fields(in, from, to, out);
      case 'S' -> mask(after(in, from, to), to - 1, out);
      case 'A' -> mask(after(in, from + 4, to), to - 1, out);
      case 'R' -> mask(from + 4, to, out);
      case 'Z', 'T', 'C', '1', '2', '3', 't', 'n', 's', 'I', 'G', 'H', 'W', 'c' -> {
        if (type != 'c' && !Message.response(in, type, from, to)) throw Stream.Gap.GAP;
      }
      default -> mask(from, to, out);
    }
  }

  /** Of an error the severity and the code stay. */
  private static void fields(Stream in, int from, int to, Values out) throws Stream.Gap {
    while (from < to && in.at(from) != 0) {
      int next = after(in, from + 1, to);
      if ("SVC".indexOf(in.at(from)) < 0) mask(from + 1, next - 1, out);
      from = next;
    }
    if (from != to - 1) throw Stream.Gap.GAP;
  }
}
