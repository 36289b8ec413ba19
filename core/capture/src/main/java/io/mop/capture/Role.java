package io.mop.capture;

import java.util.Locale;

/** Which end of a connection a process is. */
enum Role {
  SERVER(SpanSink.SERVER),
  CLIENT(SpanSink.CLIENT),
  UNKNOWN(SpanSink.INTERNAL);

  /** Of a span. */
  final int kind;

  final String key = name().toLowerCase(Locale.ROOT);

  Role(int kind) {
    this.kind = kind;
  }

  static Role of(boolean server) {
    return server ? SERVER : CLIENT;
  }

  Role other() {
    return this == SERVER ? CLIENT : this == CLIENT ? SERVER : UNKNOWN;
  }
}
