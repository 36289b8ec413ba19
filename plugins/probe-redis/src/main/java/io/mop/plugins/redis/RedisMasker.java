package io.mop.plugins.redis;

import io.mop.api.capture.Masker;
import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Stream;
import io.mop.plugins.redis.Command.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Of commands leaves their names and what they change on the connection, of replies their structure. */
final class RedisMasker implements Masker {
  private static final char TEXT = 'x';
  private static final char NUMBER = '0';
  private static final Set<String> LINES = Set.of("OK", "QUEUED", "PONG", "RESET");
  private static final int LONGEST_LINE = 6;

  private final MaskedRequest request = new MaskedRequest();
  private final MaskedReply reply = new MaskedReply();

  @Override
  public void mask(Direction direction, Stream in, Values out) throws Stream.Gap {
    try {
      if (direction == Direction.REQUEST) request.mask(in, out);
      else reply.mask(in, out);
    } catch (Malformed e) {
      throw Stream.Gap.GAP;
    }
  }

  /** Commands without what they are given. */
  private static final class MaskedRequest extends Request {
    private record Word(int from, int to) {}

    private final List<Word> seen = new ArrayList<>();
    private Values out = (from, to, with) -> {};

    void mask(Stream in, Values values) throws Stream.Gap, Malformed {
      out = values;
      while (arguments(in)) {
        seen.clear();
        int length = head(in);
        if (length == MORE) return;
        int kept = kept(in);
        for (int i = kept; i < seen.size(); i++) out.mask(seen.get(i).from, seen.get(i).to, TEXT);
        take(in, length);
      }
    }

    /** Words that are the command's name, or say what becomes of the connection. */
    private int kept(Stream in) throws Stream.Gap {
      if (command == Command.OTHER) return 0;
      if (command.effect == Effect.SELECT && number(in, 1) >= 0) return 2;
      boolean mode = is(in, 2, "ON") || is(in, 2, "OFF") || is(in, 2, "SKIP");
      return command.effect == Effect.CLIENT_REPLY && mode ? 3 : command.words;
    }

    @Override
    void word(int i, int from, int to) {
      seen.add(new Word(from, to));
    }

    @Override
    void argument(int n) {
      if (n > 0) out.mask(0, n, TEXT);
    }
  }

  /** Replies without what they say, but for the first words of errors and of messages of subscriptions. */
  private static final class MaskedReply extends Reply {
    private Values out = (from, to, with) -> {};
    /** Bytes of the string that follows that are no value. */
    private long kept;

    void mask(Stream in, Values values) throws Stream.Gap, Malformed {
      out = values;
      while (read(in)) {}
    }

    @Override
    void header(Stream in, Header header, boolean word) throws Stream.Gap {
      int to = header.end - 2;
      kept = 0;
      switch (header.type) {
        case '$' -> kept = word ? header.number : 0;
        case '!' -> kept = prefix(in, header.end, (int) Math.min(in.length(), header.end + header.number));
        case '-' -> mask(1 + prefix(in, 1, to), to, TEXT);
        case '+' -> line(in, to);
        case ':' -> mask(kind == Kind.NONE || kind.message() ? 1 : to, to, NUMBER);
        case ',', '(' -> mask(1, to, NUMBER);
        case '#' -> mask(1, to, 'f');
        case '_', '.' -> mask(1, to, TEXT);
        default -> {}
      }
    }

    private void line(Stream in, int to) throws Stream.Gap {
      boolean known = to - 1 <= LONGEST_LINE && LINES.contains(in.text(1, to).toString());
      // A line of MONITOR begins with a digit.
      boolean digit = to > 1 && in.at(1) >= '0' && in.at(1) <= '9';
      if (!known) mask(1, to, digit ? NUMBER : TEXT);
    }

    /** Length of an error's first word with the blank behind it, if it is one of Redis' own. */
    private static int prefix(Stream in, int from, int to) throws Stream.Gap {
      ErrorPrefix prefix = ErrorPrefix.of(in, from, to);
      return prefix == ErrorPrefix.OTHER || prefix == ErrorPrefix.NONE ? 0 : prefix.code.length() + 1;
    }

    private void mask(int from, int to, char with) {
      if (to > from) out.mask(from, to, with);
    }

    @Override
    void content(int n) {
      int first = (int) Math.min(kept, n);
      mask(first, n, TEXT);
      kept -= first;
    }
  }
}
