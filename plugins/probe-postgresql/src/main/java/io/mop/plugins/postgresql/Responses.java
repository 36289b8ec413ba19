package io.mop.plugins.postgresql;

import io.mop.api.capture.Exchanges;
import io.mop.api.capture.Exchanges.Exchange;
import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Protocol.Guess;
import io.mop.api.capture.Stream;
import io.mop.api.data.Text;
import io.mop.plugins.postgresql.Pending.Kind;

/** What the server sends: answers, in the order of the client's messages, and what it tells unasked. */
final class Responses extends Messages {
  /** Bytes of an ErrorResponse that are looked at for its code, which comes before the texts of users. */
  private static final int MAX_ERROR = 1024;
  private static final int MAX_TAG = 128;

  private final Pending pending;
  /** The answer to the first that waits has begun. */
  private boolean answering;
  private Exchange answer;
  /** Rows of it, or copied ones, have come. */
  private boolean rows;
  private boolean failed;
  /** After an error the server skips what it was sent up to the next Sync. */
  private boolean skipping;
  /** An Execute was answered since the last ReadyForQuery. */
  private boolean executed;
  /** Rows that were not captured pass; of these bytes the last are still unread, and when they came. */
  private boolean blind;
  private int kept;
  private long keptTime;

  Responses(Session session) {
    super(Direction.RESPONSE, session);
    pending = session.pending;
  }

  @Override
  void reset() {
    super.reset();
    answering = rows = failed = skipping = executed = blind = false;
  }

  @Override
  void read(Stream in) throws Stream.Gap {
    for (; ; ) {
      if (!blind) super.read(in);
      if (!blind) return;
      if (!pending.single()) nextAnswer(in);
      else if (!lastMessages(in)) return;
    }
  }

  /**
   * The client has gone on. If what comes now begins an answer, the rows have ended, and what completed them, or said
   * that they failed, was not captured either.
   */
  private void nextAnswer(Stream in) throws Stream.Gap {
    in.skip(kept);
    boolean row = in.length() > 0 && (in.at(0) == 'D' || in.at(0) == 'd');
    if (row || Message.guess(in, Direction.RESPONSE) != Guess.YES) throw Stream.Gap.GAP;
    blind = false;
    boolean execute = pending.is(Kind.EXECUTE);
    complete(keptTime);
    if (!execute) return;
    if (!pending.is(Kind.SYNC)) throw Stream.Gap.GAP;
    ready(keptTime);
  }

  /** The answer to a request for encryption is one byte; an old server answers with an error. */
  @Override
  boolean begin(Stream in) throws Stream.Gap {
    if (!session.negotiating || in.at(0) == 'E') return true;
    switch (in.at(0)) {
      case 'S' -> session.out.leave("tls");
      case 'G' -> session.out.leave("gssapi");
      case 'N' -> {
        in.skip(1);
        session.negotiating = false;
      }
      default -> throw malformed();
    }
    return in.length() > 0 && !session.negotiating;
  }

  /** Rows of the only statement under way need not be followed: what ends them ends what the server sends. */
  @Override
  boolean unseen(Stream in) {
    blind = rows && pending.single();
    return blind;
  }

  /** Passes over all but what ends an answer; false if it has not come yet. */
  private boolean lastMessages(Stream in) {
    int length = LastMessages.length(in);
    blind = length == 0;
    kept = blind ? Math.min(in.length(), LastMessages.MAX) : length;
    keptTime = in.time(in.length() - 1);
    in.skip(in.length() - kept);
    return !blind;
  }

  @Override
  int needed(byte type) {
    return switch (type) {
      case 'E' -> MAX_ERROR;
      case 'C' -> MAX_TAG;
      case 'Z' -> 1;
      default -> 0;
    };
  }

  @Override
  void take(byte type, Stream in, int to, boolean whole, long time) throws Stream.Gap {
    switch (type) {
      case '1' -> answered(Kind.PARSE);
      case '2' -> answered(Kind.BIND);
      case '3' -> answered(Kind.CLOSE);
      case 'n' -> answered(Kind.DESCRIBE);
      case 'T' -> {
        if (pending.is(Kind.DESCRIBE)) pending.remove();
        else passing();
      }
      case 'G', 'W' -> {
        passing();
        session.copying = true;
      }
      case 'D', 'd' -> {
        passing();
        rows = answering;
      }
      case 'H', 'c', 'V' -> passing();
      case 'C', 'I', 's' -> done(time);
      case 'E' -> error(SqlState.of(in, Message.HEADER, to), time);
      case 'Z' -> ready(time);
      default -> {}
    }
  }

  /** An answer without a request: right only for what was under way when the capture began, or at a loss. */
  private boolean unasked() throws Stream.Gap {
    if (pending.isEmpty() && pending.used()) throw Stream.Gap.GAP;
    return pending.isEmpty();
  }

  private void answered(Kind kind) throws Stream.Gap {
    if (unasked()) return;
    if (!pending.is(kind)) throw Stream.Gap.GAP;
    pending.remove();
  }

  /** A part of an answer. */
  private void passing() throws Stream.Gap {
    if (unasked()) return;
    if (!pending.kind().exchange) throw Stream.Gap.GAP;
    answer();
  }

  private Exchange answer() {
    if (!answering) answer = session.out.response(Exchanges.NEXT);
    answering = true;
    return answer;
  }

  private void done(long time) throws Stream.Gap {
    passing();
    session.copying = false;
    if (pending.is(Kind.EXECUTE)) complete(time);
  }

  /** Ends the first of those that wait. */
  private void complete(long time) {
    answer().complete(time);
    answering = rows = failed = false;
    executed = true;
    pending.remove();
  }

  /**
   * The error of a message that prepares an Execute is that of the Execute; of one that prepares none, one of its own;
   * of a Sync, that of the commit after the Executes before it. Without a message that waits it ends the connection,
   * and no statement.
   */
  private void error(String state, long time) throws Stream.Gap {
    session.copying = false;
    if (pending.isEmpty() || pending.is(Kind.STARTUP) || skipping) return;
    Kind kind = pending.kind();
    if (kind.exchange) {
      fail(answer(), state);
      if (kind == Kind.EXECUTE) complete(time);
      else failed = true;
    } else if (pending.failExecute()) {
      fail(session.out.response(Exchanges.NEXT), state).complete(time);
    } else if (kind != Kind.SYNC || executed) {
      fail(session.open(pending.statement(), pending.time()), state).complete(time);
    }
    skipping = !failed;
  }

  private static Exchange fail(Exchange x, String state) {
    if (!state.equals(SqlState.UNKNOWN)) x.set("db.response.status_code", Text.of(state));
    return x.error(state);
  }

  private void ready(long time) throws Stream.Gap {
    if (unasked()) {
      session.out.response(Exchanges.NEXT).complete(time);
      return;
    }
    while (skipping && !pending.is(Kind.SYNC)) skip();
    skipping = executed = false;
    switch (pending.kind()) {
      case QUERY, FUNCTION -> complete(time);
      case SYNC, STARTUP -> pending.remove();
      default -> throw Stream.Gap.GAP;
    }
  }

  private void skip() throws Stream.Gap {
    if (pending.isEmpty()) throw Stream.Gap.GAP;
    if (pending.kind().exchange) session.out.response(Exchanges.NEXT).discard("skipped");
    if (pending.is(Kind.PARSE)) session.statements.remove(pending.name());
    pending.remove();
  }

  /** A statement that has ended the session gets no ReadyForQuery; of the last one what completed it may be unseen. */
  void end(long time) {
    if (failed) complete(time);
    else if (blind && session.terminated && pending.single()) complete(keptTime);
  }
}
