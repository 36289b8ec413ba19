package io.mop.plugins.redis;

import io.mop.api.data.Text;

/** A command by its name, with what it does to the connection. */
final class Command {
  /** Any command whose name is not in the table: a typing error may be a password. */
  static final Command OTHER = new Command("other", "other", -1);

  private static final int MAX_SHOWN = 8;

  /** {@code db.operation.name}: of one that has subcommands with the subcommand, e.g. {@code CLIENT LIST}. */
  final Text name;
  final Effect effect;
  final Kind kind;
  /** The second word says which command it is. */
  boolean container;
  private final int arity;
  /** Words of a message that are its name: 2 with a subcommand. */
  final int words;
  private final String pattern;
  private final Text[] texts = new Text[MAX_SHOWN + 2];

  /** What a command changes on its connection, beyond being answered once. */
  enum Effect {
    NONE,
    /** Answered while subscribed, in RESP2 too. */
    WHILE_SUBSCRIBED,
    SUBSCRIPTION,
    SELECT,
    MULTI,
    EXEC,
    DISCARD,
    RESET,
    MONITOR,
    /** The connection becomes a replication stream. */
    REPLICATION,
    CLIENT_REPLY
  }

  /** @param arity words it takes; negative: at least so many */
  Command(String name, String pattern, int arity) {
    this.name = Text.of(name);
    this.pattern = pattern;
    this.arity = arity;
    words = name.indexOf(' ') > 0 ? 2 : 1;
    kind = Kind.asked(name);
    effect = kind == Kind.NONE ? effect(name) : Effect.SUBSCRIPTION;
  }

  private static Effect effect(String name) {
    return switch (name) {
      case "PING", "QUIT" -> Effect.WHILE_SUBSCRIBED;
      case "SELECT" -> Effect.SELECT;
      case "MULTI" -> Effect.MULTI;
      case "EXEC" -> Effect.EXEC;
      case "DISCARD" -> Effect.DISCARD;
      case "RESET" -> Effect.RESET;
      case "MONITOR" -> Effect.MONITOR;
      case "SYNC", "PSYNC" -> Effect.REPLICATION;
      case "CLIENT REPLY" -> Effect.CLIENT_REPLY;
      default -> Effect.NONE;
    };
  }

  /** Whether Redis takes it with so many words, its own included. */
  boolean takes(int n) {
    return arity < 0 ? n >= -arity : n == arity;
  }

  /** {@code db.query.text} with so many words: a placeholder for each argument, e.g. {@code SET ? ?}. */
  Text text(int n) {
    int shown = Math.max(0, Math.min(n - words, MAX_SHOWN + 1));
    Text text = texts[shown];
    if (text == null) {
      String more = shown > MAX_SHOWN ? " ..." : "";
      texts[shown] = text = Text.of(pattern + " ?".repeat(Math.min(shown, MAX_SHOWN)) + more);
    }
    return text;
  }
}
