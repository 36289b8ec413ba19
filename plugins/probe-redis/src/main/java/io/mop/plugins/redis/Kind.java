package io.mop.plugins.redis;

import io.mop.api.capture.Stream;
import java.util.Locale;

/** First words of the messages of publish and subscribe. */
enum Kind {
  NONE,
  SUBSCRIBE,
  PSUBSCRIBE,
  SSUBSCRIBE,
  UNSUBSCRIBE,
  PUNSUBSCRIBE,
  SUNSUBSCRIBE,
  MESSAGE,
  PMESSAGE,
  SMESSAGE;

  static final int MAX_LENGTH = 12;
  private static final Kind[] KINDS = values();

  private final String word = name().toLowerCase(Locale.ROOT);

  /** What a command is answered by, once per channel; {@link #NONE} if it is no such command. */
  static Kind asked(String command) {
    for (Kind k : KINDS) if (k.ordinal() > 0 && !k.message() && k.name().equals(command)) return k;
    return NONE;
  }

  static Kind of(Stream in, int from, int to) throws Stream.Gap {
    for (Kind k : KINDS) if (k.ordinal() > 0 && k.is(in, from, to)) return k;
    return NONE;
  }

  private boolean is(Stream in, int from, int to) throws Stream.Gap {
    if (to - from != word.length()) return false;
    for (int i = from; i < to; i++) if (in.at(i) != word.charAt(i - from)) return false;
    return true;
  }

  /** A published message, as opposed to the answer to a subscription. */
  boolean message() {
    return ordinal() >= MESSAGE.ordinal();
  }

  /** An answer that ends a subscription. */
  boolean leaves() {
    return this == UNSUBSCRIBE || this == PUNSUBSCRIBE || this == SUNSUBSCRIBE;
  }
}
