package io.mop.plugins.redis;

import io.mop.api.capture.Stream;
import io.mop.plugins.redis.Command.Effect;

/** Which commands are answered: {@code CLIENT REPLY ON}, {@code OFF}, or {@code SKIP} for the next one. */
final class ReplyMode {
  private boolean off;
  private boolean skip;
  private boolean transaction;
  /** A reply was seen: it is not off since before capture began, or since a loss. */
  private boolean sure;

  void forget() {
    off = skip = transaction = sure = false;
  }

  /**
   * Whether the command will be answered.
   *
   * @param idle no other command waits for an answer
   * @throws Stream.Gap if it cannot be known which of the commands before it will be answered
   */
  boolean answers(Request r, Stream in, boolean idle) throws Stream.Gap {
    Effect effect = r.command.effect;
    if (effect == Effect.CLIENT_REPLY && r.words == 3) {
      if (transaction) throw Stream.Gap.GAP;
      if (r.is(in, 2, "ON")) return on(idle);
      if (r.is(in, 2, "OFF")) {
        off = true;
        return false;
      }
      if (r.is(in, 2, "SKIP")) {
        skip = !off;
        return false;
      }
    }
    boolean answers = !skip && (!off || effect == Effect.RESET);
    skip = false;
    switch (effect) {
      case MULTI -> transaction = true;
      case EXEC, DISCARD -> transaction = false;
      case RESET -> off = transaction = false;
      default -> {}
    }
    return answers;
  }

  private boolean on(boolean idle) throws Stream.Gap {
    if (!off && !sure && !idle) throw Stream.Gap.GAP;
    off = skip = false;
    return true;
  }

  /** A reply has come. */
  void answered(boolean unasked) {
    if (unasked) off = false;
    sure = true;
  }
}
