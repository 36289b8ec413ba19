package io.mop.plugins.postgresql;

import io.mop.api.capture.Protocol.Direction;
import io.mop.api.capture.Stream;
import io.mop.api.data.Text;
import io.mop.plugins.postgresql.Pending.Kind;

/** What the client sends: each Query, Execute and FunctionCall opens an exchange. */
final class Requests extends Messages {
  /** Bytes of SQL that are looked at. */
  private static final int MAX_SQL = 8192;
  /** Bytes of two names that are looked at; PostgreSQL's own have at most 63 each. */
  private static final int MAX_NAMES = 1024;
  private static final Statement FUNCTION = Statement.verb("FUNCTION CALL");
  private static final Statement SYNC = Statement.verb("SYNC");

  private boolean started;
  /** Bytes that are copied to the server and were not captured pass, until it says that the copy is over. */
  private boolean blind;

  Requests(Session session) {
    super(Direction.REQUEST, session);
  }

  @Override
  void reset() {
    super.reset();
    blind = false;
  }

  @Override
  void read(Stream in) throws Stream.Gap {
    blind &= session.copying;
    if (blind) in.skip(in.length());
    else super.read(in);
  }

  /** Messages without a type. */
  @Override
  boolean begin(Stream in) throws Stream.Gap {
    while (!started && in.length() > 0 && in.at(0) == 0) {
      if (session.negotiating || in.length() < 8) return false;
      int length = Message.int32(in, 0);
      int code = Message.int32(in, 4);
      if (!Message.untyped(length, code)) throw malformed();
      if (in.length() < length) return false;
      session.atStart = true;
      session.negotiating = code == Message.SSL_REQUEST || code == Message.GSSENC_REQUEST;
      if (code >>> 16 == 3) startup(in, length);
      in.skip(length);
    }
    return in.length() > 0 && !session.negotiating;
  }

  /** Pairs of name and value; the database's name is the user's if it is not given. */
  private void startup(Stream in, int to) throws Stream.Gap {
    started = true;
    for (int p = 8; p < to && in.at(p) != 0; ) {
      int value = Message.string(in, p, to);
      int next = Message.string(in, value, to);
      if (value <= 0 || next <= 0) throw malformed();
      String name = Statements.name(in, p, value - 1);
      boolean user = name.equals("user") && session.database.length() == 0;
      if (user || name.equals("database")) session.database = in.text(value, next - 1);
      p = next;
    }
    add(Kind.STARTUP, Statement.UNKNOWN, "", in.time(to - 1));
  }

  @Override
  boolean unseen(Stream in) {
    blind = session.copying;
    if (blind) in.skip(in.length());
    return blind;
  }

  @Override
  int needed(byte type) {
    return switch (type) {
      case 'Q' -> MAX_SQL;
      case 'P' -> MAX_NAMES + MAX_SQL;
      case 'B', 'E', 'D', 'C' -> MAX_NAMES;
      default -> 0;
    };
  }

  @Override
  void take(byte type, Stream in, int to, boolean whole, long time) throws Stream.Gap {
    started = true;
    long start = in.time(0);
    int from = Message.HEADER;
    switch (type) {
      case 'Q' -> query(statement(in, from, to, whole), start);
      case 'P' -> parse(in, to, whole, start);
      case 'B' -> {
        String portal = name(in, from, to);
        int names = from + portal.length() + 1;
        Statement s = names < to ? session.statements.get(name(in, names, to)) : Statement.UNKNOWN;
        session.portals.put(portal, s);
        add(Kind.BIND, s, "", start);
      }
      case 'E' -> execute(session.portals.get(name(in, from, to)), start);
      case 'D' -> add(Kind.DESCRIBE, described(in, from, to), "", start);
      case 'C' -> {
        (in.at(from) == 'S' ? session.statements : session.portals).remove(name(in, from + 1, to));
        add(Kind.CLOSE, Statement.UNKNOWN, "", start);
      }
      case 'F' -> {
        session.open(FUNCTION, start);
        add(Kind.FUNCTION, FUNCTION, "", start);
      }
      case 'S' -> add(Kind.SYNC, SYNC, "", start);
      case 'c', 'f' -> session.pending.copied();
      case 'X' -> session.terminated = true;
      default -> {}
    }
  }

  private void add(Kind kind, Statement s, String name, long time) throws Stream.Gap {
    if (!session.pending.add(kind, s, name, time)) throw malformed();
  }

  private void query(Statement s, long start) throws Stream.Gap {
    session.statements.remove("");
    run(Kind.QUERY, s, start);
  }

  private void execute(Statement s, long start) throws Stream.Gap {
    if (s == Statement.UNKNOWN) session.config.unknown().add(1);
    run(Kind.EXECUTE, s, start);
  }

  private void run(Kind kind, Statement s, long start) throws Stream.Gap {
    if (s.forgets()) session.statements.clear();
    session.open(s, start);
    add(kind, s, "", start);
  }

  private void parse(Stream in, int to, boolean whole, long start) throws Stream.Gap {
    String name = name(in, Message.HEADER, to);
    int from = Message.HEADER + name.length() + 1;
    Statement s = from < to ? statement(in, from, to, whole) : Statement.UNKNOWN;
    session.statements.put(name, s);
    add(Kind.PARSE, s, name, start);
  }

  private Statement described(Stream in, int from, int to) throws Stream.Gap {
    return (in.at(from) == 'S' ? session.statements : session.portals).get(name(in, from + 1, to));
  }

  /** A name that does not end within what is looked at is one of its own. */
  private static String name(Stream in, int from, int to) throws Stream.Gap {
    int end = Message.string(in, from, to);
    return Statements.name(in, from, end > 0 ? end - 1 : to);
  }

  /** Of SQL that was not captured to its end, or is very long, what there is. */
  private Statement statement(Stream in, int from, int to, boolean whole) throws Stream.Gap {
    byte[] sql = new byte[to - from];
    int n = captured(in, from, to, sql);
    boolean ended = n < sql.length && isEnd(in, from + n);
    if (!ended && whole && n == sql.length) throw malformed();
    Statement s = Normaliser.read(sql, n, ended);
    if (s == Statement.UNREADABLE) session.config.unreadable().add(1);
    return s;
  }

  /** Copies bytes up to a zero or to one that was not captured; answers how many. */
  private static int captured(Stream in, int from, int to, byte[] target) {
    int n = 0;
    try {
      for (byte b; from + n < to && (b = in.at(from + n)) != 0; n++) target[n] = b;
    } catch (Stream.Gap e) {
      return n;
    }
    return n;
  }

  private static boolean isEnd(Stream in, int at) {
    try {
      return in.at(at) == 0;
    } catch (Stream.Gap e) {
      return false;
    }
  }
}
