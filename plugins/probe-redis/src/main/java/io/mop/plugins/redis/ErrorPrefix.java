package io.mop.plugins.redis;

import io.mop.api.capture.Stream;
import io.mop.api.data.Text;

/** First word of an error. Scripts and modules make words of their own, out of anything: those are {@code _OTHER}. */
enum ErrorPrefix {
  NONE,
  OTHER,
  ASK,
  BUSY,
  BUSYGROUP,
  BUSYKEY,
  CLUSTERDOWN,
  CROSSSLOT,
  DENIED,
  ERR,
  EXECABORT,
  INPROG,
  INVALIDOBJ,
  IOERR,
  LOADING,
  MASTERDOWN,
  MISCONF,
  MOVED,
  NOADDR,
  NOAUTH,
  NOGOODSLAVE,
  NOGROUP,
  NOMASTERLINK,
  NOPERM,
  NOPROTO,
  NOQUORUM,
  NOREPLICAS,
  NOSCRIPT,
  NOSUB,
  NOTBUSY,
  NOTREADY,
  OOM,
  READONLY,
  REDIRECT,
  SYNTAX,
  TRYAGAIN,
  UNBLOCKED,
  UNKILLABLE,
  WRONGPASS,
  WRONGTYPE;

  static final int MAX_LENGTH = 16;
  private static final ErrorPrefix[] PREFIXES = values();

  /** {@code error.type}. */
  final String type = name().equals("OTHER") ? "_OTHER" : name();
  /** {@code db.response.status_code}; not of {@link #OTHER}. */
  final Text code = Text.of(name());

  /** That of an error's text, which may go on behind {@code to}. */
  static ErrorPrefix of(Stream in, int from, int to) throws Stream.Gap {
    int end = from;
    int limit = Math.min(to, from + MAX_LENGTH);
    while (end < limit && in.at(end) >= 'A' && in.at(end) <= 'Z') end++;
    if (end < to && in.at(end) != ' ' && in.at(end) != '\r') return OTHER;
    for (ErrorPrefix p : PREFIXES) if (p.ordinal() > OTHER.ordinal() && p.is(in, from, end)) return p;
    return OTHER;
  }

  private boolean is(Stream in, int from, int to) throws Stream.Gap {
    if (to - from != code.length()) return false;
    for (int i = from; i < to; i++) if (in.at(i) != code.at(i - from)) return false;
    return true;
  }
}
