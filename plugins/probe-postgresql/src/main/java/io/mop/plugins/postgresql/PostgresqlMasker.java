package io.mop.plugins.postgresql;

import io.mop.api.capture.Masker;
import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Stream;

/** Walks the messages of both directions; of those that are long all but the header is a value. */
final class PostgresqlMasker implements Masker {
  private static final int LONGEST = 64 << 10;

  /** Bytes of the current message that have not passed, by direction: values. */
  private final long[] left = new long[2];
  /** A message with a type was seen from the client, or its startup. */
  private boolean started;
  /** The client has said something: the answer to it can be told from what else a server says. */
  private boolean asked;
  private boolean negotiating;
  private boolean encrypted;

  @Override
  public void mask(Direction direction, Stream in, Values out) throws Stream.Gap {
    boolean request = direction == Direction.REQUEST;
    if (!request && !asked) return;
    while (!encrypted && pass(direction, in, out) && in.length() > 0) {
      boolean more = request ? request(in, out) : response(in, out);
      if (!more) return;
    }
    if (encrypted) throw Stream.Gap.GAP;
  }

  private boolean pass(Direction direction, Stream in, Values out) {
    int d = direction.ordinal();
    int n = (int) Math.min(left[d], in.length());
    if (n > 0) out.mask(0, n, MessageValues.TEXT);
    in.skip(n);
    left[d] -= n;
    return left[d] == 0;
  }

  /** False if more is needed. */
  private boolean request(Stream in, Values out) throws Stream.Gap {
    if (started || in.at(0) != 0) {
      started = asked = true;
      return !negotiating && typed(Direction.REQUEST, in, out);
    }
    if (negotiating || in.length() < 8) return false;
    int length = Message.int32(in, 0);
    int code = Message.int32(in, 4);
    if (!Message.untyped(length, code)) throw Stream.Gap.GAP;
    if (in.length() < length) return false;
    asked = true;
    negotiating = code == Message.SSL_REQUEST || code == Message.GSSENC_REQUEST;
    started = code >>> 16 == 3;
    if (started) MessageValues.startup(in, length, out);
    else if (length > 12) out.mask(12, length, MessageValues.TEXT);
    in.skip(length);
    return true;
  }

  private boolean response(Stream in, Values out) throws Stream.Gap {
    if (!negotiating || in.at(0) == 'E') return typed(Direction.RESPONSE, in, out);
    encrypted = in.at(0) != 'N';
    negotiating = false;
    in.skip(1);
    return true;
  }

  private boolean typed(Direction direction, Stream in, Values out) throws Stream.Gap {
    if (in.length() < Message.HEADER) return false;
    byte type = in.at(0);
    int length = Message.int32(in, 1);
    if (!Message.plausible(direction, type, length)) throw Stream.Gap.GAP;
    int to = 1 + length;
    boolean request = direction == Direction.REQUEST;
    if (length > LONGEST || request && type == 'd' || !request && (type == 'd' || type == 'V')) {
      left[direction.ordinal()] = length - 4;
      in.skip(Message.HEADER);
      return true;
    }
    if (in.length() < to) return false;
    try {
      if (request) MessageValues.request(in, type, to, out);
      else MessageValues.response(in, type, to, out);
    } catch (Stream.Gap e) {
      if (to > Message.HEADER) out.mask(Message.HEADER, to, MessageValues.TEXT);
    }
    in.skip(to);
    return true;
  }
}
