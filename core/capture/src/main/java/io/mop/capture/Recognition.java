package io.mop.capture;

import java.util.List;

/**
 * What the first bytes of a connection say for sure. Only of what begins as its protocol's specification has it, or
 * could not be so by chance; where another reading is possible nothing is said. Reads nothing but the prefixes.
 *
 * @param role of the end that sent the bytes; of the observed process in the answer for a connection
 */
record Recognition(WireKind kind, Role role) {
  static final Recognition UNKNOWN = new Recognition(WireKind.UNKNOWN, Role.UNKNOWN);

  private interface Pattern {
    Recognition of(Prefix p);
  }

  private record Literal(String start, WireKind kind, Role role) implements Pattern {
    @Override
    public Recognition of(Prefix p) {
      return when(p.has(0, start), kind, role);
    }
  }

  private static final List<Pattern> PATTERNS =
      List.of(
          new Literal("PRI * HTTP/2.0\r\n", WireKind.HTTP2, Role.CLIENT),
          new Literal("AMQP\0\0\t\1", WireKind.AMQP, Role.CLIENT),
          new Literal("AMQP\0\1\0\0", WireKind.AMQP, Role.UNKNOWN),
          new Literal("AMQP\3\1\0\0", WireKind.AMQP, Role.UNKNOWN),
          new Literal("INFO {\"server_id\":\"", WireKind.NATS, Role.SERVER),
          new Literal("CONNECT {\"", WireKind.NATS, Role.CLIENT),
          new Literal("SSH-2.0-", WireKind.SSH, Role.UNKNOWN),
          new Literal("SSH-1.99-", WireKind.SSH, Role.SERVER),
          TlsRecords::of,
          TextPatterns::http,
          TextPatterns::redis,
          BinaryPatterns::postgres,
          BinaryPatterns::mysql,
          BinaryPatterns::kafka,
          BinaryPatterns::mongo,
          BinaryPatterns::mqtt,
          BinaryPatterns::dns,
          Http2Frames::of);

  static Recognition when(boolean sure, WireKind kind, Role role) {
    return sure ? new Recognition(kind, role) : UNKNOWN;
  }

  boolean known() {
    return kind != WireKind.UNKNOWN;
  }

  /** What the observed process received and sent. */
  static Recognition of(Prefix received, Prefix sent) {
    Recognition in = of(received);
    Recognition out = of(sent);
    if (!in.known() && !out.known()) return together(received, sent);
    if (in.known() && out.known() && in.kind != out.kind) return contradiction(in, out);
    Role role = out.role != Role.UNKNOWN ? out.role : in.role.other();
    return new Recognition(in.known() ? in.kind : out.kind, role);
  }

  private static Recognition of(Prefix p) {
    if (p.length() == 0) return UNKNOWN;
    for (Pattern pattern : PATTERNS) {
      Recognition r = pattern.of(p);
      if (r.known()) return r;
    }
    return UNKNOWN;
  }

  /** A MySQL server greets before its client turns to TLS; nothing else may differ. */
  private static Recognition contradiction(Recognition in, Recognition out) {
    if (in.kind == WireKind.MYSQL && out.kind == WireKind.TLS) return out;
    if (in.kind == WireKind.TLS && out.kind == WireKind.MYSQL) return new Recognition(WireKind.TLS, Role.SERVER);
    return UNKNOWN;
  }

  /** What neither direction tells alone. */
  private static Recognition together(Prefix received, Prefix sent) {
    if (TlsRecords.count(received, 0) > 0 && TlsRecords.count(sent, 0) > 0) {
      return new Recognition(WireKind.TLS, Role.UNKNOWN);
    }
    if (BinaryPatterns.kafkaAnswered(received, sent)) return new Recognition(WireKind.KAFKA, Role.SERVER);
    if (BinaryPatterns.kafkaAnswered(sent, received)) return new Recognition(WireKind.KAFKA, Role.CLIENT);
    return UNKNOWN;
  }
}
